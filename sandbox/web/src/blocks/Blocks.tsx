/**
 * Block Kit, drawn. https://docs.slack.dev/reference/block-kit/blocks
 *
 * Why not slack-blocks-to-jsx 1.1.1: its buttons and menus call nobody back, every message repeats
 * the same ids, `slack_file` needs a URL, and its mrkdwn is Markdown (see mrkdwn.ts).
 */
import { ChevronDown, ExternalLink } from "lucide-react";
import { Fragment, memo, type ReactNode, useState } from "react";

import { Fallback } from "../Fallback";
import { fileSource } from "../files";
import { Link, Mrkdwn, PlainText, Text } from "../Mrkdwn";
import type { Block } from "../wire";
import { useWorkspace } from "../workspace";
import { Element } from "./elements";
import { InputBlock } from "./InputBlock";
import { RichText } from "./RichText";
import { AlertBlock, CardBlock, CarouselBlock, PlanBlock, TableBlock, TaskCard } from "./rarer";

export const Blocks = memo(function Blocks({ blocks }: { blocks: Block[] }) {
  return (
    <div className="blocks">
      {blocks.map((block, at) => (
        <Fallback key={block.block_id ?? at} what={`a block of type “${block.type}”`}>
          <OneBlock block={block} />
        </Fallback>
      ))}
    </div>
  );
});

export function OneBlock({ block }: { block: Block }): ReactNode {
  switch (block.type) {
    case "section":
      return <Section block={block} />;
    case "header":
      return <Header block={block} />;
    case "divider":
      return <hr />;
    case "context":
      return <Context block={block} />;
    case "actions":
    case "context_actions":
      return <Actions block={block} />;
    case "image":
      return <ImageBlock block={block} />;
    case "input":
      return <InputBlock block={block} />;
    case "rich_text":
      return <RichText elements={block.elements} />;
    case "markdown":
      return <Mrkdwn text={asMrkdwn(block.text)} />;
    case "video":
      return <VideoBlock block={block} />;
    case "file":
      return <p className="block-note">File {block.external_id}</p>;
    case "alert":
      return <AlertBlock block={block} />;
    case "table":
      return <TableBlock block={block} />;
    case "card":
      return <CardBlock block={block} />;
    case "carousel":
      return <CarouselBlock block={block} />;
    case "plan":
      return <PlanBlock block={block} />;
    case "task_card":
      return <TaskCard block={block} />;
    case "container":
      return <Container block={block} />;
    default:
      return <p className="block-unknown">This page cannot draw a block of type “{block.type}”.</p>;
  }
}

function Section({ block }: { block: Block }) {
  return (
    <div className="block-section">
      <div className="block-section-text">
        {block.text && <Text text={block.text} />}
        {block.fields && (
          <div className="block-fields">
            {(block.fields as Block[]).map((field, at) => (
              <div key={at}><Text text={field as any} /></div>
            ))}
          </div>
        )}
      </div>
      {block.accessory && (
        <div className="block-accessory"><Element block={block} element={block.accessory} /></div>
      )}
    </div>
  );
}

/** A heading below the page's own: an `h3` unless the block names its level. */
function Header({ block }: { block: Block }) {
  return (
    <div role="heading" aria-level={2 + (block.level ?? 1)} className="block-header">
      <PlainText text={block.text.text} />
    </div>
  );
}

function Context({ block }: { block: Block }) {
  return (
    <div className="block-context">
      {(block.elements as Block[]).map((element, at) =>
        element.type === "image"
          ? <Picture key={at} image={element} className="context-image" />
          : <Text key={at} text={element as any} />,
      )}
    </div>
  );
}

function Actions({ block }: { block: Block }) {
  return (
    <div className="block-actions">
      {(block.elements as Block[]).map((element, at) => (
        <Fragment key={element.action_id ?? at}><Element block={block} element={element} /></Fragment>
      ))}
    </div>
  );
}

function ImageBlock({ block }: { block: Block }) {
  const [isShown, setShown] = useState(true);
  return (
    <figure className="block-image">
      {block.title && (
        <figcaption>
          <PlainText text={block.title.text} />
          <button
            type="button"
            className="fold"
            aria-expanded={isShown}
            aria-label={`Show ${block.title.text}`}
            onClick={() => setShown(!isShown)}
          >
            <ChevronDown aria-hidden />
          </button>
        </figcaption>
      )}
      {isShown && <Picture image={block} />}
    </figure>
  );
}

/** An image by address, or one of the workspace's files by id or address. */
export function Picture({ image, className }: { image: Block; className?: string }) {
  const files = useWorkspace((workspace) => workspace.files);
  const wanted = image.slack_file as { id?: string; url?: string } | undefined;
  const file = wanted && (files.get(wanted.id ?? "") ?? (wanted.id ? { id: wanted.id } : undefined));
  const source = file ? fileSource(file) : (wanted?.url ?? image.image_url);
  return <img className={className} src={source} alt={image.alt_text} loading="lazy" />;
}

function VideoBlock({ block }: { block: Block }) {
  return (
    <figure className="block-image">
      <figcaption>
        <Link href={block.title_url ?? block.video_url}>
          <PlainText text={block.title.text} /> <ExternalLink aria-hidden className="inline-icon" />
        </Link>
      </figcaption>
      <Link href={block.video_url}><img src={block.thumbnail_url} alt={block.alt_text} loading="lazy" /></Link>
    </figure>
  );
}

function Container({ block }: { block: Block }) {
  const children = (block.child_blocks ?? block.blocks ?? []) as Block[];
  return (
    <details className="block-container" open={!block.is_collapsed}>
      <summary>{block.title ? <Text text={block.title} /> : "Details"}</summary>
      <Blocks blocks={children} />
    </details>
  );
}

/** The few marks of standard Markdown that differ from mrkdwn, rewritten. */
function asMrkdwn(markdown: string): string {
  return markdown
    .replace(/^#{1,6} +(.+)$/gm, "*$1*")
    .replace(/\*\*(.+?)\*\*/g, "*$1*")
    .replace(/~~(.+?)~~/g, "~$1~")
    .replace(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, "<$2|$1>")
    .replace(/^( *)[*+-] /gm, "$1• ");
}

