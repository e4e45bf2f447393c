/** Where people type: messages, thread replies, slash commands, files by button, drag or paste. */
import { AtSign, Paperclip, SendHorizontal, X } from "lucide-react";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";

import { FileChip } from "./files";
import { type Suggestion, suggestionsFor } from "./suggestions";
import { toast } from "./toasts";
import { type Ack, type SlackFile, control, upload } from "./wire";
import { useWorkspace } from "./workspace";

interface ComposerProps {
  reader: string;
  channel: string;
  channelLabel: string;
  thread?: string;
  placeholder: string;
  /** Prefix of the test ids: `composer`, `send` or `thread-composer`, `thread-send`. */
  testPrefix: "" | "thread-";
}

interface Attachment {
  key: number;
  name: string;
  file?: SlackFile;
}

const MAX_HEIGHT_PX = 240;
const drafts = new Map<string, string>();
let lastKey = 0;

export function Composer(props: ComposerProps) {
  const { reader, channel, thread, placeholder, testPrefix } = props;
  const draftKey = [reader, channel, thread].join("/");
  const box = useRef<HTMLTextAreaElement>(null);
  const [text, setTextState] = useState(() => drafts.get(draftKey) ?? "");
  const [isBroadcast, setBroadcast] = useState(false);
  const [isOver, setOver] = useState(false);
  const { attachments, add, remove, clear } = useAttachments(reader);
  const setText = (next: string) => {
    drafts.set(draftKey, next);
    setTextState(next);
  };
  const suggesting = useSuggestions(box, text, setText, Boolean(thread));
  useGrowing(box, text);

  const isUploading = attachments.some(({ file }) => !file);
  const canSend = Boolean(text.trim() || attachments.length) && !isUploading;
  const send = async () => {
    if (!canSend) return;
    const files = attachments.flatMap(({ file }) => (file ? [file] : []));
    setText("");
    clear();
    try {
      await say({ ...props, text, files, isBroadcast });
      setBroadcast(false);
    } catch (error) {
      if (!box.current?.value) setText(text);
      toast(error instanceof Error ? error.message : String(error));
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (suggesting.onKeyDown(event)) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    void send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (!files.length) return;
    event.preventDefault();
    add(files);
  };
  return (
    <form
      className={`composer ${isOver ? "over" : ""}`}
      aria-label={placeholder}
      onSubmit={(event) => { event.preventDefault(); void send(); }}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        add([...event.dataTransfer.files]);
      }}
    >
      {suggesting.list}
      {suggesting.usage && <p className="usage"><code>{suggesting.usage}</code></p>}
      <textarea
        ref={box}
        rows={1}
        value={text}
        placeholder={placeholder}
        aria-label={placeholder}
        aria-autocomplete="list"
        {...suggesting.ariaProps}
        data-testid={`${testPrefix}composer`}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onSelect={suggesting.onCaret}
        onPaste={onPaste}
      />
      {attachments.length > 0 && (
        <div className="composer-files">
          {attachments.map(({ key, name, file }) => (
            <FileChip key={key} file={file ?? { id: "", name }}>
              {!file && <span className="quiet">uploading…</span>}
              <button type="button" aria-label={`Remove ${name}`} onClick={() => remove(key)}><X aria-hidden /></button>
            </FileChip>
          ))}
        </div>
      )}
      <div className="composer-bar">
        <UploadButton testId={`${testPrefix}upload`} onFiles={add} />
        <button type="button" className="icon-button" aria-label="Mention someone" onClick={() => suggesting.insert("@")}>
          <AtSign aria-hidden />
        </button>
        {!thread && (
          <button type="button" className="icon-button slash" aria-label="Run a command" onClick={() => suggesting.insert("/")}>
            <span aria-hidden>/</span>
          </button>
        )}
        {thread && (
          <label className="broadcast">
            <input
              type="checkbox"
              data-testid="thread-broadcast"
              checked={isBroadcast}
              onChange={(event) => setBroadcast(event.target.checked)}
            />
            Also send to {props.channelLabel}
          </label>
        )}
        <button
          type="submit"
          className="send"
          aria-label="Send now"
          title="Send now (Enter)"
          data-testid={`${testPrefix}send`}
          disabled={!canSend}
        >
          <SendHorizontal aria-hidden />
        </button>
      </div>
    </form>
  );
}

function UploadButton({ testId, onFiles }: { testId: string; onFiles: (files: File[]) => void }) {
  const id = useId();
  return (
    <label className="icon-button" htmlFor={id} title="Attach a file">
      <Paperclip aria-hidden />
      <input
        id={id}
        type="file"
        multiple
        className="visually-hidden"
        aria-label="Attach a file"
        data-testid={testId}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = "";
        }}
      />
    </label>
  );
}

type Said = ComposerProps & { text: string; files: SlackFile[]; isBroadcast: boolean };

/** One control call for what was typed; a slash command is told apart by its first character. */
async function say({ reader, channel, thread, text, files, isBroadcast }: Said) {
  const where = { user: reader, channel };
  const typed = text.trim();
  if (/^\/invite(\s|$)/.test(typed)) return control("invite", { channel });
  if (/^\/[\w-]/.test(typed)) {
    const answer = await control<{ ack?: Ack }>("command", { ...where, text: typed, thread_ts: thread });
    tellFailedCommand(typed, answer.ack);
    return answer;
  }
  const message = { ...where, text: typed, files: files.map(({ id }) => id) };
  if (!thread) return control("message", message);
  return control("reply", { ...message, thread_ts: thread, broadcast: isBroadcast });
}

function tellFailedCommand(typed: string, ack: Ack | undefined) {
  if (ack?.error) toast(`${typed.split(/\s/)[0]} failed with the error “${ack.error}”`);
}

/** Files that wait to be sent; each is uploaded as soon as it is chosen. */
function useAttachments(reader: string) {
  const [attachments, setAttachments] = useState<Attachment[]>([]);
  const remove = (key: number) => setAttachments((all) => all.filter((each) => each.key !== key));
  const add = (files: File[]) => {
    for (const file of files) {
      const key = ++lastKey;
      setAttachments((all) => [...all, { key, name: file.name }]);
      upload(reader, file).then(
        (uploaded) => setAttachments((all) =>
          all.map((each) => (each.key === key ? { ...each, file: uploaded } : each))),
        (error: Error) => {
          remove(key);
          toast(`${file.name} was not uploaded: ${error.message}`);
        },
      );
    }
  };
  return { attachments, add, remove, clear: () => setAttachments([]) };
}

function useGrowing(box: React.RefObject<HTMLTextAreaElement | null>, text: string) {
  useLayoutEffect(() => {
    const area = box.current!;
    area.style.height = "auto";
    // A box that is not shown, on a phone, has no height to take.
    if (area.scrollHeight) area.style.height = `${Math.min(area.scrollHeight, MAX_HEIGHT_PX)}px`;
  }, [box, text]);
}

/** The list over the box: commands after `/`, people after `@`, emoji after `:`. */
function useSuggestions(
  box: React.RefObject<HTMLTextAreaElement | null>,
  text: string,
  setText: (text: string) => void,
  isInThread: boolean,
) {
  const listId = useId();
  const manifest = useWorkspace((workspace) => workspace.manifest);
  const users = useWorkspace((workspace) => workspace.users);
  const [caret, setCaret] = useState(0);
  const [at, setAt] = useState(0);
  const [hidden, setHidden] = useState<string>();
  const { from, found, usage } = suggestionsFor(text, Math.min(caret, text.length), { manifest, users, isInThread });
  const isOpen = found.length > 0 && hidden !== text;
  const current = Math.min(at, found.length - 1);
  useEffect(() => setAt(0), [from, found.length]);

  const replace = (start: number, end: number, inserted: string) => {
    setText(text.slice(0, start) + inserted + text.slice(end));
    requestAnimationFrame(() => {
      box.current?.focus();
      box.current?.setSelectionRange(start + inserted.length, start + inserted.length);
    });
  };
  const pick = (suggestion: Suggestion) => {
    replace(from, caret, `${suggestion.insert} `);
    setHidden(undefined);
  };
  const insert = (sign: string) => {
    const start = sign === "/" ? 0 : caret;
    const isGlued = start > 0 && !/\s/.test(text[start - 1]!);
    replace(start, start, isGlued ? ` ${sign}` : sign);
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!isOpen) return false;
    const isExact = found[current]!.insert === text.slice(from, caret);
    if (event.key === "ArrowDown") setAt((current + 1) % found.length);
    else if (event.key === "ArrowUp") setAt((current + found.length - 1) % found.length);
    else if (event.key === "Escape") setHidden(text);
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !isExact)) pick(found[current]!);
    else return false;
    event.preventDefault();
    return true;
  };
  const list = isOpen && (
    <ul className="suggestions" id={listId} role="listbox" aria-label="Suggestions" data-testid="suggestions">
      {found.map((suggestion, index) => (
        <li
          key={suggestion.insert}
          id={`${listId}-${index}`}
          role="option"
          aria-selected={index === current}
          onPointerDown={(event) => { event.preventDefault(); pick(suggestion); }}
        >
          {suggestion.icon}
          <span><strong>{suggestion.label}</strong> {suggestion.hint && <span className="quiet">{suggestion.hint}</span>}</span>
          {suggestion.note && <span className="quiet note">{suggestion.note}</span>}
        </li>
      ))}
    </ul>
  );
  return {
    list,
    usage: isOpen ? undefined : usage,
    insert,
    onKeyDown,
    onCaret: () => setCaret(box.current!.selectionStart),
    ariaProps: isOpen
      ? { "aria-controls": listId, "aria-activedescendant": `${listId}-${current}` }
      : {},
  };
}

