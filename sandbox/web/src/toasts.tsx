/** Short notes at the foot of the window: what the sandbox refused, and Slack's own error words. */
import { X } from "lucide-react";
import { useSyncExternalStore } from "react";

interface Toast {
  id: number;
  text: string;
}

const SHOWN_MS = 9_000;

let toasts: Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

export function toast(text: string): void {
  const id = ++lastId;
  publish([...toasts.slice(-3), { id, text }]);
  window.setTimeout(() => remove(id), SHOWN_MS);
}

/** Runs a control call and tells the person when it is refused. */
export async function orToast<Answer>(
  what: Promise<Answer>,
  say: (error: string) => string = (error) => error,
): Promise<Answer | undefined> {
  try {
    return await what;
  } catch (error) {
    toast(say(error instanceof Error ? error.message : String(error)));
    return undefined;
  }
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className="toasts" role="alert" data-testid="toasts">
      {shown.map(({ id, text }) => (
        <div key={id} className="toast" data-testid="toast">
          <span>{text}</span>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => remove(id)}>
            <X aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}

function remove(id: number) {
  publish(toasts.filter((each) => each.id !== id));
}

function publish(next: Toast[]) {
  toasts = next;
  for (const hear of listeners) hear();
}

function subscribe(hear: () => void) {
  listeners.add(hear);
  return () => listeners.delete(hear);
}
