/** The middle column: one channel's messages and the box to write in. */
import { ArrowLeft, UserPlus } from "lucide-react";
import { useMemo } from "react";

import { Composer } from "./Composer";
import type { ThreadSummary } from "./Message";
import { MessageList } from "./MessageList";
import { channelName } from "./people";
import { ChannelIcon } from "./Sidebar";
import { orToast } from "./toasts";
import { type Channel, type ShownMessage, control } from "./wire";
import { useWorkspace } from "./workspace";

interface ChannelPaneProps {
  channel: Channel;
  reader: string;
  linked?: string;
  onBack: () => void;
  onOpenThread: (ts: string) => void;
}

const NO_MESSAGES: ShownMessage[] = [];

export function ChannelPane({ channel, reader, linked, onBack, onOpenThread }: ChannelPaneProps) {
  const users = useWorkspace((workspace) => workspace.users);
  const said = useWorkspace((workspace) => workspace.messages[channel.id]) ?? NO_MESSAGES;
  const name = channelName(channel, users, reader);
  const label = channel.is_im ? name : `#${name}`;
  const shown = useMemo(() => said.filter((message) => isInChannel(message, reader)), [said, reader]);
  const threads = useMemo(() => threadsOf(said), [said]);
  return (
    <section className="pane channel-pane" aria-label={label}>
      <header className="pane-head">
        <button type="button" className="icon-button back" aria-label="Back to channels" onClick={onBack}>
          <ArrowLeft aria-hidden />
        </button>
        <h2><ChannelIcon channel={channel} reader={reader} /> {name}</h2>
        <Membership channel={channel} />
      </header>
      <MessageList
        key={channel.id}
        label={`Messages in ${label}`}
        messages={shown}
        channel={channel.id}
        reader={reader}
        threads={threads}
        linked={linked}
        onOpenThread={onOpenThread}
      >
        <Beginning label={label} isDirect={Boolean(channel.is_im)} />
      </MessageList>
      <Composer
        key={`${reader}/${channel.id}`}
        reader={reader}
        channel={channel.id}
        channelLabel={label}
        placeholder={`Message ${label}`}
        testPrefix=""
      />
    </section>
  );
}

function Membership({ channel }: { channel: Channel }) {
  const bot = useWorkspace((workspace) => workspace.manifest.display_information?.name) ?? "the app";
  if (channel.is_im) return null;
  if (channel.is_member) {
    return (
      <button
        type="button"
        className="button small plain"
        data-testid="kick"
        title={`${bot} is a member of this channel`}
        onClick={() => void orToast(control("kick", { channel: channel.id }))}
      >
        Remove {bot}
      </button>
    );
  }
  return (
    <button
      type="button"
      className="button small"
      data-testid="invite"
      onClick={() => void orToast(control("invite", { channel: channel.id }))}
    >
      <UserPlus aria-hidden /> Invite {bot}
    </button>
  );
}

function Beginning({ label, isDirect }: { label: string; isDirect: boolean }) {
  const commands = useWorkspace((workspace) => workspace.manifest.features?.slash_commands) ?? [];
  const command = commands[0];
  return (
    <div className="beginning">
      <h3>{label}</h3>
      <p>
        {isDirect ? "This is the very beginning of this conversation." : `This is the very beginning of ${label}.`}
        {command && <> Try <code>{command.command} {command.usage_hint}</code></>}
      </p>
    </div>
  );
}

function isInChannel(message: ShownMessage, reader: string): boolean {
  if (message.onlyFor && message.onlyFor !== reader) return false;
  const isReply = message.thread_ts && message.thread_ts !== message.ts;
  return !isReply || message.subtype === "thread_broadcast";
}

/** "3 replies": counted from the replies themselves, so that it is never behind. */
function threadsOf(said: ShownMessage[]): Map<string, ThreadSummary> {
  const threads = new Map<string, ThreadSummary>();
  for (const message of said) {
    if (!message.thread_ts || message.thread_ts === message.ts || message.onlyFor) continue;
    const thread = threads.get(message.thread_ts) ?? { count: 0, lastTs: message.ts, authors: [] };
    const author = message.user ?? message.bot_id ?? "";
    threads.set(message.thread_ts, {
      count: thread.count + 1,
      lastTs: message.ts > thread.lastTs ? message.ts : thread.lastTs,
      authors: thread.authors.includes(author) ? thread.authors : [...thread.authors, author],
    });
  }
  return threads;
}
