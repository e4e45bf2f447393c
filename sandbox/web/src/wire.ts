/** What goes over the wire between this page and the sandbox: sandbox/README.md, as types. */

export interface Option {
  text: TextObject;
  value: string;
  description?: TextObject;
}

export interface TextObject {
  type: "plain_text" | "mrkdwn";
  text: string;
  emoji?: boolean;
}

export interface Confirm {
  title: TextObject;
  text: TextObject;
  confirm: TextObject;
  deny: TextObject;
  style?: "primary" | "danger";
}

/** A block or an element: Slack's own object, read field by field where it is drawn. */
export interface Block {
  type: string;
  block_id?: string;
  action_id?: string;
  // Slack's vocabulary is open; a field is checked where it is used.
  [field: string]: any;
}

export interface SlackFile {
  id: string;
  name?: string;
  title?: string;
  mimetype?: string;
  filetype?: string;
  size?: number;
  url_private?: string;
  url_private_download?: string;
  permalink?: string;
  thumb_360?: string;
  thumb_video?: string;
  duration_ms?: number;
  original_w?: number;
  original_h?: number;
  thumb_video_w?: number;
  thumb_video_h?: number;
  alt_txt?: string;
  mode?: string;
}

export interface Message {
  ts: string;
  thread_ts?: string;
  user?: string;
  bot_id?: string;
  username?: string;
  text?: string;
  blocks?: Block[];
  attachments?: Block[];
  files?: SlackFile[];
  edited?: { ts?: string; user?: string };
  subtype?: string;
  root?: Message;
}

/** A message in the list, or one that only one person sees. */
export interface ShownMessage extends Message {
  onlyFor?: string;
}

export interface User {
  id: string;
  name: string;
  real_name?: string;
  is_bot?: boolean;
  profile?: { display_name?: string; real_name?: string };
}

export interface Channel {
  id: string;
  name?: string;
  is_im?: boolean;
  is_private?: boolean;
  is_member?: boolean;
  user?: string;
  members?: string[];
  topic?: { value?: string };
  purpose?: { value?: string };
}

export interface View {
  id: string;
  type: string;
  hash?: string;
  callback_id?: string;
  title?: TextObject;
  submit?: TextObject;
  close?: TextObject;
  submit_disabled?: boolean;
  previous_view_id?: string | null;
  blocks: Block[];
}

export interface Manifest {
  display_information?: { name?: string; description?: string };
  features?: {
    bot_user?: { display_name?: string };
    shortcuts?: Shortcut[];
    slash_commands?: SlashCommand[];
  };
}

export interface Shortcut {
  name: string;
  type: "message" | "global";
  callback_id: string;
  description?: string;
}

export interface SlashCommand {
  command: string;
  description?: string;
  usage_hint?: string;
}

export interface Fault {
  target: string;
  kind: string;
  times?: number;
  after?: number;
  params?: Record<string, unknown>;
}

export interface TrafficEntry {
  n: number;
  at: number;
  direction: "in" | "out";
  peer: string;
  method: string;
  path: string;
  status: number | null;
  elapsed_ms: number | null;
  note?: string;
}

export interface LedgerEntry {
  gateway: string;
  id: string;
  at: number;
  key?: string | null;
  endpoint?: string;
  input?: unknown;
  state?: string;
  duplicate_of?: string | null;
}

export interface State {
  team: { id: string; name?: string; domain?: string };
  me?: string;
  users: User[];
  channels: Channel[];
  bot: { user_id?: string; bot_id?: string; name?: string };
  manifest: Manifest;
  messages: Record<string, Message[]>;
  ephemerals: { channel: string; user: string; message: Message }[];
  views: Record<string, View[]>;
  faults: Fault[];
  fault_targets: string[];
  fault_kinds: string[];
}

export type PageEvent =
  | { type: "message"; channel: string; message: Message }
  | { type: "message_deleted"; channel: string; ts: string }
  | { type: "ephemeral"; channel: string; user: string; message: Message }
  | { type: "view"; user: string; view: View }
  | { type: "view_closed"; user: string; view_id: string }
  | { type: "view_errors"; user: string; view_id: string; errors: Record<string, string> }
  | { type: "file"; file: SlackFile }
  | { type: "traffic"; entry: TrafficEntry }
  | { type: "fault"; faults: Fault[] }
  | { type: "reset" };

/** How the app answered; `error` is what Slack would show, absent when all is well. */
export interface Ack {
  status: number | null;
  elapsed_ms: number;
  body?: any;
  error?: string | null;
}

/** The sandbox said no; `message` is its `error`, `errors` those at the fields of a view. */
export class ControlError extends Error {
  constructor(message: string, readonly errors?: Record<string, string>) {
    super(message);
  }
}

export async function control<Answer = { ack?: Ack }>(call: string, body: object): Promise<Answer> {
  return answerOf<Answer>(
    await fetch(`control/${call}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  );
}

/** What the app offers in an external select, flat. */
export async function suggestedOptions(typed: object): Promise<Option[]> {
  const { ack } = await control("options", typed);
  if (ack?.error) throw new ControlError(ack.error);
  const groups = (ack?.body?.option_groups ?? []) as { options: Option[] }[];
  return ack?.body?.options ?? groups.flatMap((group) => group.options);
}

export async function look<Answer>(what: string): Promise<Answer> {
  return answerOf<Answer>(await fetch(`control/${what}`));
}

export async function upload(user: string, file: File): Promise<SlackFile> {
  const form = new FormData();
  form.append("user", user);
  form.append("file", file, file.name);
  const answer = await answerOf<{ file: SlackFile }>(
    await fetch("control/upload", { method: "POST", body: form }),
  );
  return answer.file;
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  const answer = await response.json().catch(() => undefined);
  if (!response.ok || answer?.ok === false) {
    const error = answer?.error ?? `the sandbox answered ${response.status}`;
    throw new ControlError(error, answer?.errors);
  }
  return answer as Answer;
}
