/**
 * What this page knows of the workspace: loaded whole, then kept by the event stream.
 *
 * On every (re)connection the state is loaded again and the events that arrived meanwhile are
 * applied after it, so nothing is missed and nothing is counted twice.
 */
import { useSyncExternalStore } from "react";

import {
  type Channel,
  type Fault,
  type Manifest,
  type Message,
  type PageEvent,
  type ShownMessage,
  type SlackFile,
  type State,
  type TrafficEntry,
  type User,
  type View,
  look,
} from "./wire";

export interface Workspace {
  connection: "loading" | "live" | "lost";
  team: State["team"];
  me?: string;
  bot: State["bot"];
  manifest: Manifest;
  users: ReadonlyMap<string, User>;
  channels: Channel[];
  /** Everything said in a channel, threads flat, oldest first. */
  messages: Readonly<Record<string, ShownMessage[]>>;
  views: { user: string; view: View }[];
  viewErrors: Readonly<Record<string, Record<string, string>>>;
  faults: Fault[];
  /** What may be struck, and how: the sandbox's own words. */
  faultTargets: string[];
  faultKinds: string[];
  traffic: TrafficEntry[];
  files: ReadonlyMap<string, SlackFile>;
  /** Messages that arrived by the stream, for unread marks and the live region. */
  arrived: { channel: string; message: ShownMessage }[];
}

const KEPT_TRAFFIC_ENTRIES = 1_000;
const KEPT_ARRIVALS = 50;
const FLUSH_INTERVAL_MS = 30;
const RECONNECT_DELAY_MS = 1_500;

const NOTHING: Workspace = {
  connection: "loading",
  team: { id: "" },
  bot: {},
  manifest: {},
  users: new Map(),
  channels: [],
  messages: {},
  views: [],
  viewErrors: {},
  faults: [],
  faultTargets: [],
  faultKinds: [],
  traffic: [],
  files: new Map(),
  arrived: [],
};

let current: Workspace = NOTHING;
const listeners = new Set<() => void>();

/** The part of the workspace that `select` returns; it must be the same object while unchanged. */
export function useWorkspace<Part>(select: (workspace: Workspace) => Part): Part {
  return useSyncExternalStore(subscribe, () => select(current));
}

/** Takes an ephemeral away, as Slack's "Dismiss" does: for this page only. */
export function dismiss(channel: string, ts: string): void {
  publish({ ...current, messages: withoutMessage(current.messages, channel, ts) });
}

/** Puts errors at the fields of a view, or takes them away. */
export function setViewErrors(viewId: string, errors: Record<string, string>): void {
  publish({ ...current, viewErrors: { ...current.viewErrors, [viewId]: errors } });
}

/** Connects for the life of the page; returns what disconnects. */
export function connect(): () => void {
  let source: EventSource | undefined;
  let retry: number | undefined;
  let waiting: PageEvent[] = [];
  let loaded = false;
  let flush: number | undefined;

  const applyWaiting = () => {
    flush = undefined;
    if (!loaded) return;
    const events = waiting;
    waiting = [];
    if (events.some((event) => event.type === "reset")) void load();
    else publish(events.reduce(apply, current));
  };
  const load = async () => {
    loaded = false;
    try {
      const next = await loadWorkspace();
      loaded = true;
      publish(next);
      applyWaiting();
    } catch {
      lose();
    }
  };
  const lose = () => {
    publish({ ...current, connection: "lost" });
    source?.close();
    window.clearTimeout(retry);
    retry = window.setTimeout(open, RECONNECT_DELAY_MS);
  };
  const open = () => {
    waiting = [];
    source = new EventSource("page/events");
    source.onopen = () => void load();
    source.onerror = lose;
    source.onmessage = (event: MessageEvent<string>) => {
      waiting.push(JSON.parse(event.data) as PageEvent);
      flush ??= window.setTimeout(applyWaiting, FLUSH_INTERVAL_MS);
    };
  };
  open();
  return () => {
    window.clearTimeout(retry);
    source?.close();
  };
}

async function loadWorkspace(): Promise<Workspace> {
  const [state, { traffic }] = await Promise.all([
    look<State>("state"),
    look<{ traffic: TrafficEntry[] }>("traffic?since=0"),
  ]);
  const messages: Record<string, ShownMessage[]> = {};
  for (const [channel, said] of Object.entries(state.messages)) messages[channel] = [...said];
  for (const { channel, user, message } of state.ephemerals) {
    (messages[channel] ??= []).push({ ...message, onlyFor: user });
  }
  for (const said of Object.values(messages)) said.sort(byTime);
  return {
    connection: "live",
    team: state.team,
    me: state.me,
    bot: state.bot,
    manifest: state.manifest,
    users: new Map(state.users.map((user) => [user.id, user])),
    channels: state.channels,
    messages,
    views: Object.entries(state.views).flatMap(([user, stack]) =>
      stack.filter((view) => view.type === "modal").map((view) => ({ user, view })),
    ),
    viewErrors: {},
    faults: state.faults,
    faultTargets: state.fault_targets,
    faultKinds: state.fault_kinds,
    traffic: traffic.slice(-KEPT_TRAFFIC_ENTRIES),
    files: new Map(Object.values(messages).flat().flatMap(filesOf)),
    arrived: [],
  };
}

function apply(workspace: Workspace, event: PageEvent): Workspace {
  switch (event.type) {
    case "message":
      return withMessage(workspace, event.channel, event.message);
    case "ephemeral":
      return withMessage(workspace, event.channel, { ...event.message, onlyFor: event.user });
    case "message_deleted":
      return {
        ...workspace,
        messages: withoutMessage(workspace.messages, event.channel, event.ts),
      };
    case "view":
      return withView(workspace, event.user, event.view);
    case "view_closed":
      return {
        ...workspace,
        views: workspace.views.filter(({ view }) => view.id !== event.view_id),
      };
    case "view_errors":
      return {
        ...workspace,
        viewErrors: { ...workspace.viewErrors, [event.view_id]: event.errors },
      };
    case "file":
      return { ...workspace, files: new Map(workspace.files).set(event.file.id, event.file) };
    case "traffic":
      return {
        ...workspace,
        traffic: withTraffic(workspace.traffic, event.entry),
      };
    case "fault":
      return { ...workspace, faults: event.faults };
    case "reset":
      return workspace;
  }
}

function withMessage(workspace: Workspace, channel: string, message: ShownMessage): Workspace {
  const said = [...(workspace.messages[channel] ?? [])];
  const at = said.findIndex(({ ts }) => ts === message.ts);
  const isNew = at < 0;
  if (isNew) said.push(message);
  else said[at] = message;
  if (isNew && said.length > 1 && said[said.length - 2]!.ts > message.ts) said.sort(byTime);
  return {
    ...workspace,
    messages: { ...workspace.messages, [channel]: said },
    files: message.files?.length
      ? new Map([...workspace.files, ...filesOf(message)])
      : workspace.files,
    arrived: isNew
      ? [...workspace.arrived, { channel, message }].slice(-KEPT_ARRIVALS)
      : workspace.arrived,
  };
}

function withoutMessage(messages: Workspace["messages"], channel: string, gone: string) {
  const said = (messages[channel] ?? []).filter(({ ts }) => ts !== gone);
  return { ...messages, [channel]: said };
}

function withView(workspace: Workspace, user: string, view: View): Workspace {
  if (view.type !== "modal") return workspace;
  const known = workspace.views.some((open) => open.view.id === view.id);
  const views = known
    ? workspace.views.map((open) => (open.view.id === view.id ? { user, view } : open))
    : [...workspace.views, { user, view }];
  return { ...workspace, views, viewErrors: { ...workspace.viewErrors, [view.id]: {} } };
}

function withTraffic(traffic: TrafficEntry[], entry: TrafficEntry): TrafficEntry[] {
  const last = traffic[traffic.length - 1];
  if (last && last.n >= entry.n) return traffic;
  return [...traffic, entry].slice(-KEPT_TRAFFIC_ENTRIES);
}

function filesOf(message: Message): [string, SlackFile][] {
  return (message.files ?? []).map((file) => [file.id, file]);
}

function byTime(left: Message, right: Message): number {
  return left.ts < right.ts ? -1 : left.ts > right.ts ? 1 : 0;
}

function publish(next: Workspace): void {
  current = next;
  for (const hear of listeners) hear();
}

function subscribe(hear: () => void): () => void {
  listeners.add(hear);
  return () => listeners.delete(hear);
}
