/** The page: sidebar, channel, thread, and a drawer for what is behind the scenes. */
import { FlaskConical } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from "react";

import { ChannelPane } from "./ChannelPane";
import { Fallback } from "./Fallback";
import { type Place, useKept, usePlace } from "./here";
import { Modals } from "./Modal";
import { inline, spoken } from "./mrkdwn";
import { Drawer, isTab } from "./panels/Drawer";
import { authorOf, channelsOf, personName } from "./people";
import { Sidebar } from "./Sidebar";
import { ThreadPane } from "./ThreadPane";
import { Toasts } from "./toasts";
import type { ShownMessage } from "./wire";
import { useWorkspace } from "./workspace";

const FIRST_CHANNEL = "launch-film";

export function App() {
  const users = useWorkspace((workspace) => workspace.users);
  const channels = useWorkspace((workspace) => workspace.channels);
  const me = useWorkspace((workspace) => workspace.me);
  const connection = useWorkspace((workspace) => workspace.connection);
  const [place, go] = usePlace();
  const [keptReader, setReader] = useKept("reader", "");
  const [tab, setTab] = useKept("tab", "");
  const [theme, setTheme] = useTheme();

  const reader = (users.get(keptReader) ?? users.get(me ?? ""))?.id ?? "";
  const seen = channelsOf(reader, channels);
  const first = seen.find(({ name }) => name === FIRST_CHANNEL) ?? seen[0];
  const channel = seen.find(({ id }) => id === place.channel) ?? first;
  const isChosen = channel !== undefined && channel.id === place.channel;
  const [unread, markRead] = useUnread(reader, channel?.id);

  // The same function while the channel is the same: hundreds of messages hold it.
  const openThread = useCallback(
    (thread: string) => go({ channel: channel?.id, thread }),
    [go, channel?.id],
  );
  if (!channel) return <Waiting connection={connection} />;
  const shownOnPhone = isTab(tab) ? "drawer" : place.thread ? "thread" : isChosen ? "channel" : "sidebar";
  return (
    <div className={`page ${place.thread ? "has-thread" : ""}`} data-phone={shownOnPhone}>
      <Banner />
      {connection === "lost" && (
        <p className="lost" role="status">The sandbox does not answer. Trying again…</p>
      )}
      <main className="columns">
        <Sidebar
          reader={reader}
          onReader={setReader}
          channel={channel.id}
          onChannel={(id) => { setTabOnPhone(setTab); markRead(id); go({ channel: id }); }}
          unread={unread}
          tab={tab}
          onTab={setTab}
          theme={theme}
          onTheme={setTheme}
        />
        <div className="stage">
          <div className="panes">
            <ChannelPane
              channel={channel}
              reader={reader}
              linked={place.message}
              onBack={() => go({})}
              onOpenThread={openThread}
            />
            {place.thread && isChosen && (
              <ThreadPane
                channel={channel}
                thread={place.thread}
                linked={place.message}
                reader={reader}
                onClose={() => go({ channel: channel.id })}
              />
            )}
          </div>
          {isTab(tab) && <Fallback what="this panel"><Drawer tab={tab} onTab={setTab} /></Fallback>}
        </div>
      </main>
      <Fallback what="this form"><Modals reader={reader} /></Fallback>
      <Announcer reader={reader} place={{ channel: channel.id, thread: place.thread }} />
      <Toasts />
    </div>
  );
}

function Banner() {
  return (
    <header className="banner" data-testid="banner">
      <FlaskConical aria-hidden />
      <h1 className="visually-hidden">Dailies sandbox</h1>
      <p><b>Sandbox</b> – a local page that looks like Slack. No AI model is called, nothing is paid.</p>
    </header>
  );
}

function Waiting({ connection }: { connection: string }) {
  return (
    <div className="waiting">
      <Banner />
      <main>
        <h2>{connection === "lost" ? "The sandbox does not answer. Trying again…" : "Loading the workspace…"}</h2>
      </main>
    </div>
  );
}

/** Says new messages of the open channel or thread to a screen reader. */
function Announcer({ reader, place }: { reader: string; place: Place }) {
  const arrived = useWorkspace((workspace) => workspace.arrived);
  const users = useWorkspace((workspace) => workspace.users);
  const bot = useWorkspace((workspace) => workspace.bot);
  const channels = useWorkspace((workspace) => workspace.channels);
  const name = (kind: "user" | "channel", id: string) =>
    kind === "user" ? personName(users.get(id)) : (channels.find((each) => each.id === id)?.name ?? id);
  const isHeard = (message: ShownMessage) =>
    message.user !== reader
    && (!message.onlyFor || message.onlyFor === reader)
    && (!message.thread_ts || message.thread_ts === message.ts || message.thread_ts === place.thread);
  const heard = arrived.filter(({ channel, message }) => channel === place.channel && isHeard(message));
  const last = heard.at(-1)?.message;
  return (
    <div className="visually-hidden" role="log" aria-live="polite" aria-label="New messages" data-testid="announcer">
      {last && <p key={last.ts}>{authorOf(last, { users, bot }).name}: {spoken(inline(last.text ?? ""), name)}</p>}
    </div>
  );
}

/** Channels with messages the reader has not looked at since the page was loaded. */
function useUnread(reader: string, open: string | undefined): [ReadonlySet<string>, (channel: string) => void] {
  const arrived = useWorkspace((workspace) => workspace.arrived);
  const [readUntil, setReadUntil] = useState<Record<string, string>>({});
  const lastOfOpen = arrived.findLast(({ channel }) => channel === open)?.message.ts;
  const markRead = (channel: string) => {
    const last = arrived.findLast((each) => each.channel === channel)?.message.ts;
    if (last) setReadUntil((before) => ({ ...before, [channel]: last }));
  };
  useEffect(() => {
    if (open && lastOfOpen) setReadUntil((before) => ({ ...before, [open]: lastOfOpen }));
  }, [open, lastOfOpen]);
  const unread = useMemo(
    () => new Set(
      arrived
        .filter(({ channel, message }) =>
          channel !== open && message.user !== reader
          && (!message.onlyFor || message.onlyFor === reader)
          && message.ts > (readUntil[channel] ?? ""))
        .map(({ channel }) => channel),
    ),
    [arrived, readUntil, open, reader],
  );
  return [unread, markRead];
}

/** "system", "light" or "dark"; what it comes to stands on the root element for the style sheet. */
function useTheme(): [string, (theme: string) => void] {
  const [theme, setTheme] = useState(() => window.localStorage.getItem("theme") ?? "system");
  useLayoutEffect(() => {
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    const show = () => {
      const isDark = theme === "dark" || (theme === "system" && system.matches);
      document.documentElement.dataset.theme = isDark ? "dark" : "light";
    };
    window.localStorage.setItem("theme", theme);
    show();
    system.addEventListener("change", show);
    return () => system.removeEventListener("change", show);
  }, [theme]);
  return [theme, setTheme];
}

/** On a phone one pane is shown at a time, so a channel replaces the drawer. */
function setTabOnPhone(setTab: (tab: string) => void) {
  if (window.matchMedia("(max-width: 760px)").matches) setTab("");
}
