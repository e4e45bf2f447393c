/** Who the reader is and what they look at. The place is in the address, so a reload stays there. */
import { useCallback, useSyncExternalStore } from "react";

export interface Place {
  channel?: string;
  thread?: string;
  /** A message to scroll to, once. */
  message?: string;
}

/** `/archives/C…/p1700000000123456`: a message's permalink, with `?thread_ts=` for a reply. */
const PERMALINK = /^\/?#?\/?(?:archives\/)?([CDG]\w+)\/p(\d+)(\d{6})$/;

/** Where a permalink of this workspace leads; undefined for any other address. */
export function placeOf(address: string): Place | undefined {
  const url = new URL(address, window.location.href);
  if (url.origin !== window.location.origin) return undefined;
  const [, channel, whole, fraction] = PERMALINK.exec(url.pathname) ?? PERMALINK.exec(url.hash) ?? [];
  if (!channel) return undefined;
  const thread = url.searchParams.get("thread_ts") ?? undefined;
  return { channel, thread, message: `${whole}.${fraction}` };
}

export function addressOf({ channel, thread, message }: Place): string {
  const path = [channel, thread].filter(Boolean).join("/");
  return `#/${path}${message ? `?message=${message}` : ""}`;
}

export function usePlace(): [Place, (place: Place) => void] {
  const hash = useSyncExternalStore(onHashChange, () => window.location.hash);
  const [path = "", query] = hash.split("?");
  const [, channel, thread] = path.split("/");
  const message = new URLSearchParams(query).get("message") ?? undefined;
  const go = useCallback((place: Place) => {
    window.location.hash = addressOf(place);
  }, []);
  return [{ channel: channel || undefined, thread: thread || undefined, message }, go];
}

/** A choice that outlives a reload of this tab. */
export function useKept(key: string, fallback: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(
    onKeptChange,
    () => window.sessionStorage.getItem(key) ?? fallback,
  );
  const keep = useCallback((next: string) => {
    window.sessionStorage.setItem(key, next);
    for (const hear of keptListeners) hear();
  }, [key]);
  return [value, keep];
}

const keptListeners = new Set<() => void>();

function onKeptChange(hear: () => void) {
  keptListeners.add(hear);
  return () => keptListeners.delete(hear);
}

function onHashChange(hear: () => void) {
  window.addEventListener("hashchange", hear);
  return () => window.removeEventListener("hashchange", hear);
}
