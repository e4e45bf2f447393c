/**
 * Slack's mrkdwn, read into a small tree.
 *
 * Written here because slack-blocks-to-jsx 1.1.1 reads mrkdwn as Markdown: it turns `3 * 4` into
 * `3 ** 4`, styles inside code, bolds inside words and shows `&amp;` in code blocks.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
import { hasEmoji } from "./emoji";

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "bold" | "italic" | "strike"; children: Inline[] }
  | { kind: "emoji"; name: string }
  | { kind: "user" | "channel" | "group"; id: string; label?: string }
  | { kind: "broadcast"; name: string }
  | { kind: "date"; at_s: number; format: string; href?: string; fallback: string }
  | { kind: "link"; href: string; children: Inline[] };

export type Paragraph =
  | { kind: "text"; children: Inline[] }
  | { kind: "gap" }
  | { kind: "pre"; text: string }
  | { kind: "quote"; children: Paragraph[] }
  | { kind: "list"; items: { marker: string; indent: number; children: Inline[] }[] };

const FENCE = /```\n?([\s\S]+?)\n?```/g;
const QUOTE_LINE = /^(?:&gt;|>)(?!&gt;&gt;|>>) ?/;
const QUOTE_REST = /^(?:&gt;&gt;&gt;|>>>) ?/;
const LIST_LINE = /^( *)([•◦▪–-]|\d{1,3}\.) +(?=\S)/;
const STYLES: Record<string, "bold" | "italic" | "strike"> = { "*": "bold", _: "italic", "~": "strike" };
const WORD = /[\p{L}\p{N}]/u;
const BARE_LINK = /https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"\]]/y;
const EMOJI_NAME = /:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/y;

export function parseMrkdwn(text: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let from = 0;
  for (const fence of text.matchAll(FENCE)) {
    paragraphs.push(...paragraphsOf(text.slice(from, fence.index).replace(/\n$/, "")));
    paragraphs.push({ kind: "pre", text: plain(fence[1]!) });
    from = fence.index + fence[0].length;
    if (text[from] === "\n") from += 1;
  }
  return [...paragraphs, ...paragraphsOf(text.slice(from))];
}

function paragraphsOf(text: string): Paragraph[] {
  if (!text) return [];
  const paragraphs: Paragraph[] = [];
  const lines = text.split("\n");
  while (lines.length) {
    const line = lines[0]!;
    if (QUOTE_REST.test(line)) {
      const rest = lines.splice(0).join("\n").replace(QUOTE_REST, "");
      paragraphs.push({ kind: "quote", children: paragraphsOf(rest) });
    } else if (QUOTE_LINE.test(line)) {
      const quoted = takeWhile(lines, QUOTE_LINE).map((each) => each.replace(QUOTE_LINE, ""));
      paragraphs.push({ kind: "quote", children: paragraphsOf(quoted.join("\n")) });
    } else if (LIST_LINE.test(line)) {
      paragraphs.push({ kind: "list", items: takeWhile(lines, LIST_LINE).map(listItem) });
    } else if (!line.trim()) {
      lines.shift();
      paragraphs.push({ kind: "gap" });
    } else {
      paragraphs.push({ kind: "text", children: inline(takeText(lines).join("\n")) });
    }
  }
  return paragraphs;
}

function takeWhile(lines: string[], pattern: RegExp): string[] {
  const end = lines.findIndex((line) => !pattern.test(line));
  return lines.splice(0, end < 0 ? lines.length : end);
}

function takeText(lines: string[]): string[] {
  const special = (line: string) =>
    !line.trim() || QUOTE_LINE.test(line) || QUOTE_REST.test(line) || LIST_LINE.test(line);
  const end = lines.findIndex(special);
  return lines.splice(0, end < 0 ? lines.length : end);
}

function listItem(line: string) {
  const [start = "", indent = "", marker = "•"] = LIST_LINE.exec(line) ?? [];
  return {
    marker: marker === "-" || marker === "–" ? "•" : marker,
    indent: Math.floor(indent.length / 2),
    children: inline(line.slice(start.length)),
  };
}

/** Reads one run of text; also used for link labels and plain lines. */
export function inline(text: string): Inline[] {
  const nodes: Inline[] = [];
  let pending = "";
  let at = 0;
  const push = (node: Inline, length: number) => {
    if (pending) nodes.push({ kind: "text", text: plain(pending) });
    pending = "";
    nodes.push(node);
    at += length;
  };
  while (at < text.length) {
    const found = codeAt(text, at) ?? entityAt(text, at) ?? emojiAt(text, at)
      ?? styleAt(text, at) ?? bareLinkAt(text, at);
    if (found) push(found.node, found.length);
    else pending += text[at++];
  }
  if (pending) nodes.push({ kind: "text", text: plain(pending) });
  return nodes;
}

interface Found {
  node: Inline;
  length: number;
}

function codeAt(text: string, at: number): Found | undefined {
  if (text[at] !== "`") return undefined;
  const end = text.indexOf("`", at + 1);
  const code = text.slice(at + 1, end);
  if (end < 0 || !code.trim() || code.includes("\n")) return undefined;
  return { node: { kind: "code", text: plain(code) }, length: code.length + 2 };
}

function entityAt(text: string, at: number): Found | undefined {
  if (text[at] !== "<") return undefined;
  const end = text.indexOf(">", at);
  if (end < 0) return undefined;
  const node = entity(text.slice(at + 1, end));
  return node && { node, length: end - at + 1 };
}

function entity(inside: string): Inline | undefined {
  const bar = inside.indexOf("|");
  const what = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : inside.slice(bar + 1);
  if (/^@[UWB]\w+$/.test(what)) return { kind: "user", id: what.slice(1), label };
  if (/^#[CGD]\w+$/.test(what)) return { kind: "channel", id: what.slice(1), label };
  if (what.startsWith("!subteam^")) return { kind: "group", id: what.slice(9), label };
  if (/^!(here|channel|everyone)$/.test(what)) return { kind: "broadcast", name: what.slice(1) };
  if (what.startsWith("!date^")) return dateEntity(what, label ?? "");
  if (/^(https?:\/\/|mailto:|tel:)/i.test(what)) {
    return { kind: "link", href: plain(what), children: linkLabel(label ?? what) };
  }
  return undefined;
}

function dateEntity(what: string, fallback: string): Inline | undefined {
  const [, at_s = "", format = "", href] = what.split("^");
  if (!/^\d+$/.test(at_s)) return undefined;
  return { kind: "date", at_s: Number(at_s), format, href, fallback: plain(fallback) };
}

function linkLabel(label: string): Inline[] {
  return inline(label).map((node) =>
    node.kind === "link" ? { kind: "text", text: plain(label) } : node,
  );
}

function emojiAt(text: string, at: number): Found | undefined {
  if (text[at] !== ":") return undefined;
  EMOJI_NAME.lastIndex = at;
  const match = EMOJI_NAME.exec(text);
  if (!match || !hasEmoji(match[1]!.split("::")[0]!)) return undefined;
  return { node: { kind: "emoji", name: match[1]! }, length: match[0].length };
}

function styleAt(text: string, at: number): Found | undefined {
  const marker = text[at]!;
  const kind = STYLES[marker];
  if (!kind || WORD.test(text[at - 1] ?? " ") || text[at - 1] === marker) return undefined;
  const end = closing(text, at, marker);
  if (end === undefined) return undefined;
  return { node: { kind, children: inline(text.slice(at + 1, end)) }, length: end - at + 1 };
}

/** Where the style opened at `at` ends: on its line, after a non-space, before a non-word. */
function closing(text: string, at: number, marker: string): number | undefined {
  if (/[\s]/.test(text[at + 1] ?? " ") || text[at + 1] === marker) return undefined;
  for (let end = at + 2; end < text.length && text[end] !== "\n"; end += 1) {
    const skipped = codeAt(text, end)?.length ?? (text[end] === "<" ? entityAt(text, end)?.length : 0);
    if (skipped) end += skipped - 1;
    else if (
      text[end] === marker && !/\s/.test(text[end - 1]!) && text[end + 1] !== marker
      && !WORD.test(text[end + 1] ?? " ")
    ) return end;
  }
  return undefined;
}

function bareLinkAt(text: string, at: number): Found | undefined {
  if (text[at] !== "h" || WORD.test(text[at - 1] ?? " ")) return undefined;
  BARE_LINK.lastIndex = at;
  const match = BARE_LINK.exec(text);
  if (!match) return undefined;
  const href = plain(match[0]);
  return { node: { kind: "link", href, children: [{ kind: "text", text: href }] }, length: match[0].length };
}

/** Slack escapes three characters and no more. */
export function plain(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** The words of a message, without marks: for the live region and for titles. */
export function spoken(nodes: Inline[], name: (kind: "user" | "channel", id: string) => string): string {
  return nodes
    .map((node) => {
      switch (node.kind) {
        case "text":
        case "code":
          return node.text;
        case "emoji":
          return "";
        case "user":
        case "channel":
          return name(node.kind, node.id);
        case "group":
          return node.label ?? "a group";
        case "broadcast":
          return `@${node.name}`;
        case "date":
          return node.fallback;
        default:
          return spoken(node.children, name);
      }
    })
    .join("");
}
