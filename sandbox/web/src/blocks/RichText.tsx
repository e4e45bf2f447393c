/** rich_text blocks. https://docs.slack.dev/reference/block-kit/blocks/rich-text-block */
import { Fragment, type ReactNode } from "react";

import { EmojiCharacter, EmojiNamed, hasEmoji } from "../emoji";
import { ChannelMention, DateToken, Link, PlainText, UserMention } from "../Mrkdwn";
import type { Block } from "../wire";

export function RichText({ elements }: { elements: Block[] }) {
  return <div className="mrkdwn">{elements.map(drawPart)}</div>;
}

function drawPart(part: Block, key: number): ReactNode {
  switch (part.type) {
    case "rich_text_section":
      return <p key={key}>{part.elements.map(drawLeaf)}</p>;
    case "rich_text_quote":
      return <blockquote key={key}><p>{part.elements.map(drawLeaf)}</p></blockquote>;
    case "rich_text_preformatted":
      return <pre key={key} tabIndex={0}>{part.elements.map(drawLeaf)}</pre>;
    case "rich_text_list":
      return <List key={key} list={part} />;
    default:
      return null;
  }
}

function List({ list }: { list: Block }) {
  const indent = (list.indent as number | undefined) ?? 0;
  const isOrdered = list.style === "ordered";
  return (
    <ul className="mrkdwn-list">
      {(list.elements as Block[]).map((item, at) => (
        <li key={at} style={{ marginInlineStart: `${indent * 1.75}em` }}>
          <span className="marker">{isOrdered ? `${at + 1 + (list.offset ?? 0)}.` : bullet(indent)}</span>
          <span>{(item.elements as Block[]).map(drawLeaf)}</span>
        </li>
      ))}
    </ul>
  );
}

function bullet(indent: number): string {
  return ["•", "◦", "▪"][indent % 3]!;
}

function drawLeaf(leaf: Block, key: number): ReactNode {
  return <Fragment key={key}>{styled(leaf, content(leaf))}</Fragment>;
}

function content(leaf: Block): ReactNode {
  switch (leaf.type) {
    case "text":
      return leaf.style?.code ? leaf.text : <PlainText text={leaf.text} />;
    case "link":
      return <Link href={leaf.url}>{leaf.text ?? leaf.url}</Link>;
    case "emoji":
      return hasEmoji(leaf.name) ? <EmojiNamed name={leaf.name} /> : <EmojiCharacter character={unicode(leaf)} />;
    case "user":
      return <UserMention id={leaf.user_id} />;
    case "channel":
      return <ChannelMention id={leaf.channel_id} />;
    case "broadcast":
      return <span className="mention mention-me">@{leaf.range}</span>;
    case "usergroup":
      return <span className="mention">@group</span>;
    case "date":
      return <DateToken at_s={leaf.timestamp} format={leaf.format} href={leaf.url} fallback={leaf.fallback ?? ""} />;
    case "color":
      return <code>{leaf.value}</code>;
    default:
      return null;
  }
}

function unicode(leaf: Block): string {
  if (!leaf.unicode) return `:${leaf.name}:`;
  return String.fromCodePoint(...(leaf.unicode as string).split("-").map((code) => parseInt(code, 16)));
}

function styled(leaf: Block, drawn: ReactNode): ReactNode {
  const style = (leaf.style ?? {}) as Record<string, boolean>;
  let node = drawn;
  if (style.code) node = <code>{node}</code>;
  if (style.strike) node = <s>{node}</s>;
  if (style.italic) node = <em>{node}</em>;
  if (style.bold) node = <strong>{node}</strong>;
  return node;
}
