/** The faults people try most, by whom they strike; the words are those of sandbox/README.md. */
import type { Fault } from "../wire";

export interface NamedFault {
  title: string;
  what: string;
  fault: Fault;
}

export const FAULT_LISTS: { who: string; faults: NamedFault[] }[] = [
  {
    who: "Slack",
    faults: [
      named("Slack answers 429", "The next chat.postMessage must wait 3 s", "slack:chat.postMessage", "rate_limited", { retry_after_s: 3 }),
      named("Edits answer 429", "The next chat.update must wait 3 s", "slack:chat.update", "rate_limited", { retry_after_s: 3 }),
      named("Posted, then reset", "The message appears, the answer never arrives", "slack:chat.postMessage", "reset_after"),
      named("Upload ok but not shared", "Slack says ok and never shows the file", "slack:files.completeUploadExternal", "not_shared"),
      named("Upload breaks off", "The connection dies while bytes are sent", "slack:upload", "reset_before"),
      named("Not in channel", "chat.postMessage is refused", "slack:chat.postMessage", "error", { code: "not_in_channel" }),
      named("Slack hangs", "No answer to chat.postMessage for 20 s", "slack:chat.postMessage", "hang", { seconds: 20 }),
      named("Slack is down", "chat.postMessage answers 503", "slack:chat.postMessage", "status", { status: 503 }),
    ],
  },
  { who: "HeyGen", faults: vendorFaults("HeyGen", "heygen") },
  { who: "fal", faults: vendorFaults("fal", "fal") },
];

export const KINDS = [
  "rate_limited", "status", "status_after", "reset_before", "reset_after", "close_after_read",
  "garbage", "hang", "slow", "error", "error_after", "not_shared", "expired_link", "fail", "refuse",
  "unknown_status", "stuck", "late",
];

export const TARGETS = [
  "slack:chat.postMessage", "slack:chat.update", "slack:chat.postEphemeral", "slack:views.open",
  "slack:files.getUploadURLExternal", "slack:files.completeUploadExternal", "slack:files.info",
  "slack:upload", "slack:file", "slack:response_url", "slack:events", "slack:commands", "slack:interactive",
  "heygen:submit", "heygen:check", "heygen:upload", "heygen:file",
  "fal:submit", "fal:check", "fal:result", "fal:cancel", "fal:upload", "fal:file",
];

function vendorFaults(name: string, gateway: string): NamedFault[] {
  return [
    named(`${name} resets after acceptance`, "The work is accepted and charged, the answer is lost", `${gateway}:submit`, "reset_after"),
    named(`${name} closes after reading`, "Read whole, nothing accepted, no answer", `${gateway}:submit`, "close_after_read"),
    named(`${name} hangs`, "Accepted, no answer for 60 s", `${gateway}:submit`, "hang", { seconds: 60 }),
    named(`${name} answers 429`, "The next submission must wait 3 s", `${gateway}:submit`, "rate_limited", { retry_after_s: 3 }),
    named(`${name} answers 500`, "Nothing is accepted", `${gateway}:submit`, "status", { status: 500 }),
    named(`${name} is gone`, "410: this endpoint was taken away", `${gateway}:submit`, "status", { status: 410 }),
    named(`${name} talks garbage`, "Accepted, answered with a web page", `${gateway}:submit`, "garbage"),
    named("Checks fail", "The next check answers 503", `${gateway}:check`, "status", { status: 503 }),
    named("Unknown status word", "Checks answer with a word nobody knows", `${gateway}:check`, "unknown_status", { word: "simmering" }),
    named("Expired link", "403 for the video until the status is asked again", `${gateway}:file`, "expired_link"),
    named("The render fails", "Ends as failed", `${gateway}:check`, "fail", { code: "internal_error", message: "The renderer crashed." }),
    named("Content is refused", "Ends as refused content", `${gateway}:check`, "refuse"),
    named("The render never ends", "Stuck for good", `${gateway}:check`, "stuck"),
    named("The render is late", "Takes 90 s", `${gateway}:check`, "late", { seconds: 90 }),
  ];
}

function named(title: string, what: string, target: string, kind: string, params: Fault["params"] = {}): NamedFault {
  return { title, what, fault: { target, kind, times: 1, params } };
}

/** Whether an armed fault is this one of the list. */
export function isSame(armed: Fault, listed: Fault): boolean {
  return armed.target === listed.target && armed.kind === listed.kind;
}
