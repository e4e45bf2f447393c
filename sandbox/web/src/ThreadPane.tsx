/** The right column: one thread, with its root on top. */
import { ArrowLeft, X } from "lucide-react";
import { useMemo } from "react";

import { Composer } from "./Composer";
import { MessageList } from "./MessageList";
import { channelName } from "./people";
import type { Channel, ShownMessage } from "./wire";
import { useWorkspace } from "./workspace";

interface ThreadPaneProps {
  channel: Channel;
  thread: string;
  linked?: string;
  reader: string;
  onClose: () => void;
}

const NO_MESSAGES: ShownMessage[] = [];

export function ThreadPane({ channel, thread, linked, reader, onClose }: ThreadPaneProps) {
  const users = useWorkspace((workspace) => workspace.users);
  const said = useWorkspace((workspace) => workspace.messages[channel.id]) ?? NO_MESSAGES;
  const name = channelName(channel, users, reader);
  const label = channel.is_im ? name : `#${name}`;
  const shown = useMemo(
    () => said.filter((message) =>
      (message.ts === thread || message.thread_ts === thread)
      && (!message.onlyFor || message.onlyFor === reader)),
    [said, thread, reader],
  );
  return (
    <section className="pane thread-pane" data-testid="thread-pane" aria-label="Thread">
      <header className="pane-head">
        <button type="button" className="icon-button back" aria-label={`Back to ${label}`} onClick={onClose}>
          <ArrowLeft aria-hidden />
        </button>
        <h2>Thread <span className="quiet">{label}</span></h2>
        <button type="button" className="icon-button close" aria-label="Close thread" data-testid="thread-close" onClick={onClose}>
          <X aria-hidden />
        </button>
      </header>
      <MessageList
        key={thread}
        label="Messages in this thread"
        messages={shown}
        channel={channel.id}
        reader={reader}
        isInThread
        linked={linked}
      />
      <Composer
        key={`${reader}/${channel.id}/${thread}`}
        reader={reader}
        channel={channel.id}
        channelLabel={label}
        thread={thread}
        placeholder="Reply…"
        testPrefix="thread-"
      />
    </section>
  );
}
