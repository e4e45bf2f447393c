/** Where blocks stand, a message or a modal: what their fields hold and whom a click goes to. */
import { type ReactNode, createContext, useContext, useMemo, useState } from "react";

import { Dialog } from "../Dialog";
import { Text } from "../Mrkdwn";
import type { Block, Confirm, Option, SlackFile } from "../wire";

/** What a field holds: text, options by value, ids, or files. */
export interface Field {
  text?: string;
  options?: Option[];
  ids?: string[];
  files?: SlackFile[];
}

/** The part of a click that says what was chosen, as `/control/click` takes it. */
export interface Choice {
  value?: unknown;
  selected_option?: unknown;
}

export interface Surface {
  kind: "message" | "modal";
  reader: string;
  fieldOf: (block: Block, element: Block) => Field;
  setField: (block: Block, element: Block, field: Field) => void;
  errorAt: (blockId: string | undefined) => string | undefined;
  act: (block: Block, element: Block, choice: Choice) => Promise<void>;
  suggest: (block: Block, element: Block, query: string) => Promise<Option[]>;
}

const SurfaceContext = createContext<Surface | undefined>(undefined);

export function useSurface(): Surface {
  const surface = useContext(SurfaceContext);
  if (!surface) throw new Error("blocks are drawn outside a surface");
  return surface;
}

/** Fields of one surface, kept by block and action id as Slack keeps them across updates. */
export function useFields() {
  const [fields, setFields] = useState<Record<string, Field>>({});
  return useMemo(
    () => ({
      all: fields,
      fieldOf: (block: Block, element: Block) => fields[fieldKey(block, element)] ?? initial(element),
      setField: (block: Block, element: Block, field: Field) =>
        setFields((before) => ({ ...before, [fieldKey(block, element)]: field })),
    }),
    [fields],
  );
}

export function SurfaceProvider({ surface, children }: { surface: Surface; children: ReactNode }) {
  const [asking, setAsking] = useState<{ confirm: Confirm; answer: (yes: boolean) => void }>();
  const asked = useMemo<Surface>(
    () => ({
      ...surface,
      act: async (block, element, choice) => {
        if (element.confirm) {
          const confirm = element.confirm as Confirm;
          const isYes = await new Promise<boolean>((answer) => setAsking({ confirm, answer }));
          setAsking(undefined);
          if (!isYes) return;
        }
        await surface.act(block, element, choice);
      },
    }),
    [surface],
  );
  return (
    <SurfaceContext.Provider value={asked}>
      {children}
      {asking && <ConfirmDialog confirm={asking.confirm} onAnswer={asking.answer} />}
    </SurfaceContext.Provider>
  );
}

function ConfirmDialog({ confirm, onAnswer }: { confirm: Confirm; onAnswer: (yes: boolean) => void }) {
  return (
    <Dialog
      title={<Text text={confirm.title} />}
      onClose={() => onAnswer(false)}
      className="confirm"
      testId="confirm"
    >
      <div className="dialog-body"><Text text={confirm.text} /></div>
      <footer className="dialog-foot">
        <button type="button" className="button" data-testid="confirm-deny" onClick={() => onAnswer(false)}>
          <Text text={confirm.deny} />
        </button>
        <button
          type="button"
          className={`button ${confirm.style === "danger" ? "danger" : "primary"}`}
          data-testid="confirm-yes"
          onClick={() => onAnswer(true)}
        >
          <Text text={confirm.confirm} />
        </button>
      </footer>
    </Dialog>
  );
}

export function fieldKey(block: Block, element: Block): string {
  return `${block.block_id}\n${element.action_id}`;
}

/** What an element holds before anybody touched it. */
export function initial(element: Block): Field {
  const text = element.initial_value ?? element.initial_date ?? element.initial_time;
  const id = element.initial_user ?? element.initial_channel ?? element.initial_conversation;
  const ids = element.initial_users ?? element.initial_channels ?? element.initial_conversations;
  const options = element.initial_options ?? (element.initial_option ? [element.initial_option] : []);
  if (element.initial_date_time) return { text: localDateTime(element.initial_date_time as number) };
  return { text: typeof text === "string" ? text : "", options, ids: ids ?? (id ? [id] : []), files: [] };
}

function localDateTime(at_s: number): string {
  const at = new Date(at_s * 1000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
