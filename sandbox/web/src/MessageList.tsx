/** Messages in order, with a line for each day; it stays at the end unless the reader scrolled up. */
import { ArrowDown } from "lucide-react";
import { type ReactNode, Fragment, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { dateOf, dayName, sameDay } from "./dates";
import { Message, type ThreadSummary } from "./Message";
import type { ShownMessage } from "./wire";

interface MessageListProps {
  label: string;
  messages: ShownMessage[];
  channel: string;
  reader: string;
  threads?: ReadonlyMap<string, ThreadSummary>;
  isInThread?: boolean;
  onOpenThread?: (ts: string) => void;
  /** A message that a permalink points at. */
  linked?: string;
  children?: ReactNode;
}

const COMPACT_WITHIN_S = 300;
const AT_END_PX = 48;

export function MessageList(props: MessageListProps) {
  const { label, messages, channel, reader, threads, isInThread, onOpenThread, linked, children } = props;
  const { scroller, content, hasMissed, toEnd } = useStickToEnd(messages.at(-1), reader, linked);
  return (
    <div className="scroll-frame">
      <div className="scroller" ref={scroller} tabIndex={0} role="region" aria-label={label}>
        <div ref={content} className="scroll-content">
          {children}
          <ol className="messages" aria-label={label}>
            {messages.map((message, at) => (
              <Fragment key={message.ts}>
                {startsDay(messages, at) && <DayLine ts={message.ts} isQuiet={isInThread} />}
                <Message
                  message={message}
                  channel={channel}
                  reader={reader}
                  isCompact={isCompact(messages, at, isInThread)}
                  isInThread={isInThread}
                  thread={threads?.get(message.ts)}
                  onOpenThread={onOpenThread}
                />
                {isInThread && at === 0 && messages.length > 1 && (
                  <li className="replies-line"><span>{replies(messages.length - 1)}</span></li>
                )}
              </Fragment>
            ))}
          </ol>
        </div>
      </div>
      {hasMissed && (
        <button type="button" className="to-end" onClick={toEnd}>
          <ArrowDown aria-hidden /> New messages
        </button>
      )}
    </div>
  );
}

function DayLine({ ts, isQuiet }: { ts: string; isQuiet?: boolean }) {
  if (isQuiet) return null;
  return <li className="day-line"><span>{dayName(dateOf(ts))}</span></li>;
}

/** Follows the end while the reader is there: for new messages, and for pictures that grow. */
function useStickToEnd(last: ShownMessage | undefined, reader: string, linked?: string) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [hasMissed, setMissed] = useState(false);

  const toEnd = useCallback(() => {
    scroller.current!.scrollTop = scroller.current!.scrollHeight;
  }, []);
  useEffect(() => {
    const box = scroller.current!;
    const onScroll = () => {
      isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < AT_END_PX;
      if (isAtEnd.current) setMissed(false);
    };
    const follow = new ResizeObserver(() => isAtEnd.current && toEnd());
    follow.observe(content.current!);
    follow.observe(box);
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      follow.disconnect();
      box.removeEventListener("scroll", onScroll);
    };
  }, [toEnd]);
  const isOwn = last?.user === reader;
  useLayoutEffect(() => {
    if (isAtEnd.current || isOwn) toEnd();
    else if (last?.ts) setMissed(true);
  }, [last?.ts, isOwn, toEnd]);
  useLayoutEffect(() => {
    const row = linked && content.current!.querySelector<HTMLElement>(`[data-ts="${linked}"]`);
    if (!row) return;
    isAtEnd.current = false;
    row.scrollIntoView({ block: "center" });
    row.classList.add("linked");
  }, [linked]);
  return { scroller, content, hasMissed, toEnd };
}

export function replies(count: number): string {
  return `${count} ${count === 1 ? "reply" : "replies"}`;
}

function startsDay(messages: ShownMessage[], at: number): boolean {
  const before = messages[at - 1];
  return !before || !sameDay(dateOf(before.ts), dateOf(messages[at]!.ts));
}

function isCompact(messages: ShownMessage[], at: number, isInThread?: boolean): boolean {
  const before = messages[at - 1];
  const message = messages[at]!;
  if (!before || (isInThread && at === 1) || startsDay(messages, at) || message.onlyFor || before.onlyFor) return false;
  if (message.subtype || before.subtype) return false;
  const isSameAuthor = before.user === message.user && before.bot_id === message.bot_id;
  return isSameAuthor && Number(message.ts) - Number(before.ts) < COMPACT_WITHIN_S;
}
