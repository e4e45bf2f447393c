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
  {
    who: "HeyGen",
    faults: [
      ...vendorFaults("HeyGen", "heygen"),
      named("200 with an error inside", "Nothing is accepted, the status is 200", "heygen:submit", "error_200"),
      named("Completed without a link", "This check says completed and has no film", "heygen:check", "no_url"),
      named("A session without its video", "The next agent session never names its video", "heygen:submit", "no_video_id"),
      named("The session is lost", "404 to checks, the video is finished all the same", "heygen:submit", "session_lost"),
      named("The catalog is down", "Avatars, voices and templates answer 503", "heygen:catalog", "status", { status: 503 }),
      named("Training fails", "The next avatar or voice is not made", "heygen:training", "fail"),
      ...webhookFaults("heygen", "unsigned"),
    ],
  },
  {
    who: "fal",
    faults: [
      ...vendorFaults("fal", "fal"),
      named("The result is down", "A finished request's result answers 503", "fal:result", "status", { status: 503 }),
      named("Cancel is not heard", "The answer to a cancel is lost", "fal:cancel", "close_after_read"),
      named("The history is down", "What a lost submit is looked up in answers 503", "fal:history", "status", { status: 503 }),
      named("Storage is down", "No right to upload is handed out", "fal:storage", "status", { status: 503 }),
      ...webhookFaults("fal", "rotated"),
    ],
  },
  {
    who: "Runware",
    faults: [
      ...vendorFaults("Runware", "runware"),
      named("One result fails", "The first of several results fails, the others are made", "runware:submit", "fail", { code: "inferenceError" }),
      named("No quote", "The dry run that tells the price answers 500", "runware:quote", "status", { status: 500 }),
      named("Upload breaks off", "The connection dies while a picture is stored", "runware:upload", "reset_before"),
      named("The delivery is lost", "A film is not put to the upload endpoint", "runware:delivery", "lost"),
      ...webhookFaults("runware"),
    ],
  },
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

/** What may become of the next webhook; `extra` is what only this vendor's signature knows. */
function webhookFaults(gateway: string, extra?: "unsigned" | "rotated"): NamedFault[] {
  const target = `${gateway}:webhook`;
  const signed = extra === undefined ? [] : [
    named("Webhook forged", "A stranger's signature; a good one follows", target, "forged"),
    named("Webhook too old", "An old timestamp; a good one follows", target, "stale"),
    extra === "rotated"
      ? named("Webhook with a new key", "Signed with a key the JWKS has only now", target, "rotated")
      : named("Webhook unsigned", "No signature at all; a good one follows", target, "unsigned"),
  ];
  return [
    named("Webhook lost", "Never delivered: checks alone must do", target, "lost"),
    named("Webhook twice", "The next one is delivered twice", target, "duplicate"),
    named("Webhook early", "Told before the answer, or before the end", target, "early"),
    ...signed,
  ];
}

function named(title: string, what: string, target: string, kind: string, params: Fault["params"] = {}): NamedFault {
  return { title, what, fault: { target, kind, times: 1, params } };
}

/** Whether an armed fault is this one of the list. */
export function isSame(armed: Fault, listed: Fault): boolean {
  const words = (fault: Fault) => JSON.stringify([fault.target, fault.kind, fault.params ?? {}]);
  return words(armed) === words(listed);
}
