/** Draws what mrkdwn.ts read. */
import { type ReactNode, memo } from "react";

import { formatDateToken, fullDate } from "./dates";
import { EMOJI_CHARACTER, EmojiCharacter, EmojiNamed } from "./emoji";
import { addressOf, placeOf } from "./here";
import { type Inline, type Paragraph, inline, parseMrkdwn } from "./mrkdwn";
import { channelName, personName } from "./people";
import type { TextObject } from "./wire";
import { useWorkspace } from "./workspace";

/** A text object of Block Kit: mrkdwn, or plain text with emoji. */
export function Text({ text }: { text?: TextObject }) {
  if (!text) return null;
  return text.type === "mrkdwn" ? <Mrkdwn text={text.text} /> : <PlainText text={text.text} />;
}

export const Mrkdwn = memo(function Mrkdwn({ text }: { text: string }) {
  return <div className="mrkdwn">{parseMrkdwn(text).map(drawParagraph)}</div>;
});

/** Plain text: emoji names become emoji, nothing else is read. */
export const PlainText = memo(function PlainText({ text }: { text: string }) {
  const parts = text.split(/(:[a-z0-9_+'-]+:)/);
  return (
    <>
      {parts.map((part, at) =>
        at % 2 ? <EmojiNamed key={at} name={part.slice(1, -1)} /> : <Characters key={at} text={part} />,
      )}
    </>
  );
});

export function InlineMrkdwn({ text }: { text: string }) {
  return <>{inline(text).map(drawInline)}</>;
}

function drawParagraph(paragraph: Paragraph, key: number): ReactNode {
  switch (paragraph.kind) {
    case "text":
      return <p key={key}>{paragraph.children.map(drawInline)}</p>;
    case "gap":
      return <div key={key} className="mrkdwn-gap" />;
    case "pre":
      return <pre key={key} tabIndex={0}>{paragraph.text}</pre>;
    case "quote":
      return <blockquote key={key}>{paragraph.children.map(drawParagraph)}</blockquote>;
    case "list":
      return (
        <ul key={key} className="mrkdwn-list">
          {paragraph.items.map((item, at) => (
            <li key={at} style={{ marginInlineStart: `${item.indent * 1.75}em` }}>
              <span className="marker">{item.marker}</span>
              <span>{item.children.map(drawInline)}</span>
            </li>
          ))}
        </ul>
      );
  }
}

function drawInline(node: Inline, key: number): ReactNode {
  switch (node.kind) {
    case "text":
      return <Characters key={key} text={node.text} />;
    case "code":
      return <code key={key}>{node.text}</code>;
    case "bold":
      return <strong key={key}>{node.children.map(drawInline)}</strong>;
    case "italic":
      return <em key={key}>{node.children.map(drawInline)}</em>;
    case "strike":
      return <s key={key}>{node.children.map(drawInline)}</s>;
    case "emoji":
      return <EmojiNamed key={key} name={node.name} />;
    case "user":
      return <UserMention key={key} id={node.id} label={node.label} />;
    case "channel":
      return <ChannelMention key={key} id={node.id} label={node.label} />;
    case "group":
      return <span key={key} className="mention">{node.label ?? "@group"}</span>;
    case "broadcast":
      return <span key={key} className="mention mention-me">@{node.name}</span>;
    case "date":
      return <DateToken key={key} {...node} />;
    case "link":
      return <Link key={key} href={node.href}>{node.children.map(drawInline)}</Link>;
  }
}

export function Link({ href, children }: { href: string; children: ReactNode }) {
  const place = placeOf(href);
  if (place) return <a href={addressOf(place)}>{children}</a>;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

export function UserMention({ id, label }: { id: string; label?: string }) {
  const users = useWorkspace((workspace) => workspace.users);
  const name = users.has(id) ? personName(users.get(id)) : (label ?? id);
  return <span className="mention">@{name}</span>;
}

export function ChannelMention({ id, label }: { id: string; label?: string }) {
  const channel = useWorkspace((workspace) => workspace.channels.find((each) => each.id === id));
  const users = useWorkspace((workspace) => workspace.users);
  const name = channel ? channelName(channel, users) : (label ?? id);
  return <a className="mention" href={`#/${id}`}>#{name}</a>;
}

export function DateToken(token: { at_s: number; format: string; href?: string; fallback: string }) {
  const text = formatDateToken(token.at_s, token.format, token.fallback);
  const at = new Date(token.at_s * 1000);
  const time = <time dateTime={at.toISOString()} title={fullDate(at)}>{text}</time>;
  return token.href ? <Link href={token.href}>{time}</Link> : time;
}

function Characters({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(EMOJI_CHARACTER)) {
    if (match.index > from) parts.push(text.slice(from, match.index));
    parts.push(<EmojiCharacter key={match.index} character={match[0]} />);
    from = match.index + match[0].length;
  }
  if (!parts.length) return <>{text}</>;
  return <>{parts}{text.slice(from)}</>;
}
