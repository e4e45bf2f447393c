/** Times as Slack writes them, in the reader's own zone. */

const DATE_FORMATS: Record<string, Intl.DateTimeFormatOptions> = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date_slash: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  date_long_full: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: { hour: "numeric", minute: "2-digit" },
  time_secs: { hour: "numeric", minute: "2-digit", second: "2-digit" },
};

const DAY_MS = 86_400_000;

export function dateOf(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

export function clock(at: Date): string {
  return at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

/** Without AM and PM, for the narrow column beside a message that shows no name. */
export function bareClock(at: Date): string {
  return clock(at).replace(/\s*[AP]\.?M\.?$/i, "");
}

export function fullDate(at: Date): string {
  return at.toLocaleString([], { dateStyle: "full", timeStyle: "medium" });
}

/** "Today", "Yesterday" or "Tuesday, 17 March", for the line between two days. */
export function dayName(at: Date, now = new Date()): string {
  return nearDay(at, now) ?? at.toLocaleDateString([], {
    weekday: "long",
    month: "long",
    day: "numeric",
    year: at.getFullYear() === now.getFullYear() ? undefined : "numeric",
  });
}

export function sameDay(left: Date, right: Date): boolean {
  return left.toDateString() === right.toDateString();
}

/** "2 minutes ago", "today at 14:32": what stands beside "3 replies". */
export function agoOrDay(at: Date, now = new Date()): string {
  const minutes = Math.round((now.getTime() - at.getTime()) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} minute${minutes === 1 ? "" : "s"} ago`;
  return `${dayName(at, now)} at ${clock(at)}`;
}

/**
 * The text of `<!date^at_s^format|fallback>`.
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
export function formatDateToken(at_s: number, format: string, fallback: string): string {
  const at = new Date(at_s * 1000);
  if (Number.isNaN(at.getTime())) return fallback;
  let unknown = false;
  const text = format.replace(/\{(\w+)\}/g, (_, token: string) => {
    const written = dateToken(at, token);
    unknown ||= written === undefined;
    return written ?? "";
  });
  return unknown ? fallback : text;
}

function dateToken(at: Date, token: string): string | undefined {
  if (token === "ago") return agoOrDay(at);
  if (token === "day_divider_pretty") return dayName(at);
  if (token === "date_num") return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const plainToken = token.replace(/_pretty$/, "");
  const options = DATE_FORMATS[plainToken];
  if (!options) return undefined;
  if (plainToken.startsWith("time")) return at.toLocaleTimeString([], options);
  const near = token.endsWith("_pretty") ? nearDay(at, new Date()) : undefined;
  return near?.toLowerCase() ?? at.toLocaleDateString([], options);
}

function nearDay(at: Date, now: Date): string | undefined {
  if (sameDay(at, now)) return "Today";
  if (sameDay(at, new Date(now.getTime() - DAY_MS))) return "Yesterday";
  if (sameDay(at, new Date(now.getTime() + DAY_MS))) return "Tomorrow";
  return undefined;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
