/** One message: author, time, text or blocks, files, its thread, and what a person can do with it. */
import { Copy, Ellipsis, Eye, MessageSquareText, Pencil, Trash2, Zap } from "lucide-react";
import { memo, useMemo, useState } from "react";

import { Avatar } from "./Avatar";
import { Blocks } from "./blocks/Blocks";
import { type Choice, type Surface, SurfaceProvider, useFields } from "./blocks/surface";
import { agoOrDay, bareClock, clock, dateOf, fullDate } from "./dates";
import { Dialog } from "./Dialog";
import { Files } from "./files";
import { Menu, type MenuItem } from "./Menu";
import { Mrkdwn } from "./Mrkdwn";
import { authorOf, toTyped } from "./people";
import { orToast, toast } from "./toasts";
import { type Ack, type Block, type ShownMessage, control, suggestedOptions } from "./wire";
import { dismiss, useWorkspace } from "./workspace";

export interface ThreadSummary {
  count: number;
  lastTs: string;
  authors: string[];
}

interface MessageProps {
  message: ShownMessage;
  channel: string;
  reader: string;
  /** Said by the same person within five minutes: no avatar, no name. */
  isCompact?: boolean;
  isInThread?: boolean;
  thread?: ThreadSummary;
  onOpenThread?: (ts: string) => void;
}

export const Message = memo(function Message(props: MessageProps) {
  const { message, channel, reader, isCompact, thread, onOpenThread } = props;
  const users = useWorkspace((workspace) => workspace.users);
  const bot = useWorkspace((workspace) => workspace.bot);
  const [isEditing, setEditing] = useState(false);
  const author = authorOf(message, { users, bot });
  const at = dateOf(message.ts);
  const isBroadcast = message.subtype === "thread_broadcast" && !props.isInThread;
  const root = useWorkspace((workspace) => isBroadcast
    ? workspace.messages[channel]?.find(({ ts }) => ts === message.thread_ts)
    : undefined);
  const isNote = message.subtype === "channel_join" || message.subtype === "channel_leave";
  return (
    <li
      className={`message ${isCompact ? "compact" : ""} ${message.onlyFor ? "ephemeral" : ""} ${isNote ? "note" : ""}`}
      data-testid={message.onlyFor ? "ephemeral" : "message"}
      data-ts={message.ts}
      data-author={author.id}
    >
      {message.onlyFor && (
        <p className="ephemeral-mark"><Eye aria-hidden className="inline-icon" /> Only visible to you</p>
      )}
      {isBroadcast && (
        <button type="button" className="broadcast-mark" onClick={() => onOpenThread?.(message.thread_ts!)}>
          replied to a thread: <span>{summaryOf(root ?? message.root)}</span>
        </button>
      )}
      <div className="message-side">
        {isCompact
          ? <time className="side-time" dateTime={at.toISOString()}>{bareClock(at)}</time>
          : <Avatar name={author.name} isApp={author.isApp} />}
      </div>
      <div className="message-body">
        {!isCompact && (
          <div className="message-head">
            <span className="author">{author.name}</span>
            {author.isApp && <span className="app-badge">APP</span>}
            <time dateTime={at.toISOString()} title={fullDate(at)}>{clock(at)}</time>
          </div>
        )}
        {isEditing
          ? <EditBox message={message} channel={channel} reader={reader} onDone={() => setEditing(false)} />
          : <Content message={message} channel={channel} reader={reader} isApp={author.isApp} />}
        {thread && <ThreadLink thread={thread} onOpen={() => onOpenThread?.(message.ts)} />}
        {message.onlyFor && (
          <button type="button" className="link dismiss" onClick={() => dismiss(channel, message.ts)}>
            Dismiss message
          </button>
        )}
      </div>
      {!message.onlyFor && !isEditing && (
        <Toolbar {...props} isOwn={author.id === reader} onEdit={() => setEditing(true)} />
      )}
    </li>
  );
});

function Content({ message, channel, reader, isApp }: ContentProps) {
  // People's own messages carry a rich_text block that repeats the text; the text has the marks.
  const blocks = isApp ? message.blocks : undefined;
  return (
    <MessageSurface message={message} channel={channel} reader={reader}>
      {blocks?.length
        ? <Blocks blocks={blocks} />
        : message.text && <Mrkdwn text={message.text} />}
      {message.edited && !blocks?.length && <span className="edited">(edited)</span>}
      {message.attachments?.map((attachment, at) => (
        <div key={at} className="attachment" style={{ borderColor: attachment.color }}>
          {attachment.blocks
            ? <Blocks blocks={attachment.blocks as Block[]} />
            : <Mrkdwn text={attachment.text ?? attachment.fallback ?? ""} />}
        </div>
      ))}
      {message.files?.length ? <Files files={message.files} /> : null}
    </MessageSurface>
  );
}

interface ContentProps {
  message: ShownMessage;
  channel: string;
  reader: string;
  isApp: boolean;
}

type SurfaceProps = Omit<ContentProps, "isApp"> & { children: React.ReactNode };

function MessageSurface({ message, channel, reader, children }: SurfaceProps) {
  const fields = useFields();
  const surface = useMemo<Surface>(() => {
    const target = (block: Block, element: Block) => ({
      user: reader,
      channel,
      ts: message.ts,
      block_id: block.block_id,
      action_id: element.action_id,
    });
    return {
      kind: "message",
      reader,
      fieldOf: fields.fieldOf,
      setField: fields.setField,
      errorAt: () => undefined,
      act: async (block: Block, element: Block, choice: Choice) => {
        const answer = await orToast(control("click", { ...target(block, element), ...choice }));
        if (answer?.ack) tellBadAck(answer.ack);
      },
      suggest: (block, element, value) => suggestedOptions({ ...target(block, element), value }),
    };
  }, [fields, reader, channel, message.ts]);
  return <SurfaceProvider surface={surface}>{children}</SurfaceProvider>;
}

/** Slack shows a warning beside a button whose app did not answer in three seconds. */
function tellBadAck({ error }: Ack) {
  if (error) toast(`The app did not take this click: ${error}`);
}

function ThreadLink({ thread, onOpen }: { thread: ThreadSummary; onOpen: () => void }) {
  const users = useWorkspace((workspace) => workspace.users);
  const bot = useWorkspace((workspace) => workspace.bot);
  return (
    <button type="button" className="thread-link" data-testid="open-thread" onClick={onOpen}>
      {thread.authors.slice(0, 4).map((id) => {
        const author = authorOf({ ts: "", user: id }, { users, bot });
        return <Avatar key={id} name={author.name} isApp={author.isApp} size="small" />;
      })}
      <span className="thread-count">{thread.count} {thread.count === 1 ? "reply" : "replies"}</span>
      <span className="quiet">Last reply {agoOrDay(dateOf(thread.lastTs))}</span>
    </button>
  );
}

function Toolbar(props: MessageProps & { isOwn: boolean; onEdit: () => void }) {
  const { message, channel, reader, isOwn, onEdit, onOpenThread, isInThread } = props;
  const manifest = useWorkspace((workspace) => workspace.manifest);
  const [isDeleting, setDeleting] = useState(false);
  const shortcuts = (manifest.features?.shortcuts ?? []).filter(({ type }) => type === "message");
  const run = (callback_id: string) =>
    void orToast(control("shortcut", { user: reader, callback_id, channel, ts: message.ts }));
  const items: MenuItem[] = [
    ...shortcuts.map((shortcut) => ({
      label: shortcut.name,
      description: manifest.display_information?.name,
      icon: <Zap aria-hidden />,
      testId: "shortcut",
      onSelect: () => run(shortcut.callback_id),
    })),
    {
      label: "Copy text",
      icon: <Copy aria-hidden />,
      onSelect: () => void navigator.clipboard?.writeText(message.text ?? ""),
    },
    ...(isOwn ? [
      { label: "Edit message", icon: <Pencil aria-hidden />, testId: "edit-message", onSelect: onEdit },
      {
        label: "Delete message…",
        icon: <Trash2 aria-hidden />,
        isDanger: true,
        testId: "delete-message",
        onSelect: () => setDeleting(true),
      },
    ] : []),
  ];
  return (
    <div className="message-tools">
      {!isInThread && (
        <button
          type="button"
          className="icon-button"
          aria-label="Reply in thread"
          title="Reply in thread"
          data-testid="reply-in-thread"
          onClick={() => onOpenThread?.(message.thread_ts ?? message.ts)}
        >
          <MessageSquareText aria-hidden />
        </button>
      )}
      <Menu label="More message actions" className="icon-button" testId="message-menu" items={items}>
        <Ellipsis aria-hidden />
      </Menu>
      {isDeleting && (
        <DeleteDialog
          onClose={() => setDeleting(false)}
          onDelete={() => {
            setDeleting(false);
            void orToast(control("delete", { user: reader, channel, ts: message.ts }));
          }}
        />
      )}
    </div>
  );
}

function DeleteDialog({ onClose, onDelete }: { onClose: () => void; onDelete: () => void }) {
  return (
    <Dialog title="Delete message" onClose={onClose} className="confirm" testId="confirm">
      <div className="dialog-body">
        <p>Are you sure you want to delete this message? This cannot be undone.</p>
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>Cancel</button>
        <button type="button" className="button danger" data-testid="confirm-yes" onClick={onDelete}>Delete</button>
      </footer>
    </Dialog>
  );
}

function EditBox({ message, channel, reader, onDone }: Omit<ContentProps, "isApp"> & { onDone: () => void }) {
  const users = useWorkspace((workspace) => workspace.users);
  const channels = useWorkspace((workspace) => workspace.channels);
  const [text, setText] = useState(() => toTyped(message.text ?? "", { users, channels }));
  const save = async () => {
    const edit = { user: reader, channel, ts: message.ts, text };
    if (await orToast(control("edit", edit))) onDone();
  };
  return (
    <form className="edit-box" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <textarea
        className="field"
        aria-label="Edit message"
        data-testid="edit-box"
        autoFocus
        rows={2}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onDone();
          if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            void save();
          }
        }}
      />
      <div className="edit-actions">
        <button type="button" className="button small" onClick={onDone}>Cancel</button>
        <button type="submit" className="button small primary">Save</button>
      </div>
    </form>
  );
}

function summaryOf(root: ShownMessage | undefined): string {
  const text = (root?.text ?? "").replace(/<[^|>]*\|([^>]*)>/g, "$1").replace(/[*_~`]/g, "");
  return text.length > 90 ? `${text.slice(0, 90)}…` : text || "…";
}
