/** Blocks a video bot may use now and then: alerts, cards, plans, tables. */
import { CircleAlert, CircleCheck, CircleDashed, Info, LoaderCircle } from "lucide-react";

import { Text } from "../Mrkdwn";
import type { Block } from "../wire";
import { OneBlock, Picture } from "./Blocks";
import { ActionButton } from "./buttons";
import { RichText } from "./RichText";

export function AlertBlock({ block }: { block: Block }) {
  const Icon = block.level === "success" ? CircleCheck : block.level === "info" ? Info : CircleAlert;
  return (
    <div className={`block-alert ${block.level ?? "default"}`} role="status">
      <Icon aria-hidden /> <Text text={block.text} />
    </div>
  );
}

export function CardBlock({ block }: { block: Block }) {
  return (
    <article className="block-card">
      {block.hero_image && <Picture image={block.hero_image} className="card-hero" />}
      <div className="card-text">
        {block.title && <strong><Text text={block.title} /></strong>}
        {block.subtitle && <small><Text text={block.subtitle} /></small>}
        {block.body && <Text text={block.body} />}
        {block.actions && (
          <div className="block-actions">
            {(block.actions as Block[]).map((element, at) => (
              <ActionButton key={at} block={block} element={element} />
            ))}
          </div>
        )}
      </div>
    </article>
  );
}

export function CarouselBlock({ block }: { block: Block }) {
  return (
    <div className="block-carousel" role="group" aria-label="Cards" tabIndex={0}>
      {(block.elements as Block[]).map((card, at) => <CardBlock key={at} block={{ ...card, block_id: block.block_id }} />)}
    </div>
  );
}

export function PlanBlock({ block }: { block: Block }) {
  const title = typeof block.title === "string" ? block.title : block.title?.text;
  return (
    <div className="block-plan">
      <strong>{title}</strong>
      {(block.tasks as Block[] | undefined)?.map((task, at) => <TaskCard key={at} block={task} />)}
    </div>
  );
}

const TASK_ICONS = {
  pending: CircleDashed,
  in_progress: LoaderCircle,
  complete: CircleCheck,
  error: CircleAlert,
};

export function TaskCard({ block }: { block: Block }) {
  const status = (block.status ?? "pending") as keyof typeof TASK_ICONS;
  const Icon = TASK_ICONS[status] ?? CircleDashed;
  return (
    <div className={`block-task ${status}`}>
      <Icon aria-label={status.replace("_", " ")} role="img" />
      <div>
        <span>{block.title}</span>
        {block.details && <OneBlock block={block.details} />}
        {block.output && <OneBlock block={block.output} />}
      </div>
    </div>
  );
}

export function TableBlock({ block }: { block: Block }) {
  const [head, ...rows] = block.rows as Block[][];
  return (
    <div className="block-table" role="group" aria-label="Table" tabIndex={0}>
      <table>
        <thead><tr>{head?.map((cell, at) => <th key={at} scope="col"><Cell cell={cell} /></th>)}</tr></thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>{row.map((cell, column) => <td key={column}><Cell cell={cell} /></td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ cell }: { cell: Block }) {
  if (cell.type === "rich_text") return <RichText elements={cell.elements} />;
  return <>{String(cell.text ?? "")}</>;
}
