/** A modal view of the app: fields, errors at their fields, submit and close. */
import { useEffect, useMemo, useRef, useState } from "react";

import { Blocks } from "./blocks/Blocks";
import { type Choice, type Field, type Surface, SurfaceProvider, useFields } from "./blocks/surface";
import { Dialog } from "./Dialog";
import { PlainText } from "./Mrkdwn";
import { type Block, ControlError, type View, control, suggestedOptions } from "./wire";
import { setViewErrors, useWorkspace } from "./workspace";

const REQUIRED = "Please complete this required field.";
const FIRST_WRONG_FIELD = ".has-error :is(input, textarea, select)";
const NO_ERRORS: Record<string, string> = {};

type Values = Record<string, Record<string, unknown>>;

/** The top of the reader's stack of views. One further down keeps what was typed into it. */
export function Modals({ reader }: { reader: string }) {
  const views = useWorkspace((workspace) => workspace.views);
  const own = views.filter(({ user }) => user === reader);
  return own.map(({ view }, at) => (
    <Modal key={view.id} view={view} reader={reader} isOnTop={at === own.length - 1} />
  ));
}

function Modal({ view, reader, isOnTop }: { view: View; reader: string; isOnTop: boolean }) {
  const fields = useFields();
  const errors = useWorkspace((workspace) => workspace.viewErrors[view.id]) ?? NO_ERRORS;
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");

  const surface = useMemo<Surface>(() => {
    const target = (block: Block, element: Block) => ({
      user: reader,
      view_id: view.id,
      block_id: block.block_id,
      action_id: element.action_id,
    });
    return {
      kind: "modal",
      reader,
      fieldOf: fields.fieldOf,
      setField: fields.setField,
      errorAt: (blockId) => errors[blockId ?? ""],
      act: async (block: Block, element: Block, choice: Choice) => {
        const values = valuesOf(view.blocks, fields.fieldOf);
        try {
          await control("click", { ...target(block, element), ...choice, values });
        } catch (error) {
          setProblem(error instanceof Error ? error.message : String(error));
        }
      },
      suggest: (block, element, value) => suggestedOptions({ ...target(block, element), value }),
    };
  }, [fields, errors, view, reader]);

  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>(FIRST_WRONG_FIELD)?.focus();
  }, [errors]);

  const submit = async () => {
    const missing = missingIn(view.blocks, fields.fieldOf);
    setViewErrors(view.id, missing);
    if (Object.keys(missing).length) return;
    setBusy(true);
    setProblem("");
    try {
      const values = valuesOf(view.blocks, fields.fieldOf);
      await control("submit_view", { user: reader, view_id: view.id, values });
    } catch (error) {
      if (error instanceof ControlError && error.errors) setViewErrors(view.id, error.errors);
      else setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  // The X and Escape take the whole stack away, the button only this view.
  const close = (clear: boolean) =>
    void control("close_view", { user: reader, view_id: view.id, clear })
      .catch((error: Error) => setProblem(error.message));

  if (!isOnTop) return null;
  return (
    <Dialog title={<PlainText text={view.title?.text ?? ""} />} onClose={() => close(true)} className="modal" testId="modal">
      <form
        ref={form}
        className="modal-form"
        noValidate
        onSubmit={(event) => { event.preventDefault(); if (view.submit) void submit(); }}
      >
        <div className="dialog-body" tabIndex={-1}>
          <SurfaceProvider surface={surface}>
            <Blocks blocks={view.blocks} />
          </SurfaceProvider>
        </div>
        {(problem || errors[""]) && <p className="modal-problem" role="alert" data-testid="modal-problem">{problem || errors[""]}</p>}
        <footer className="dialog-foot">
          <button type="button" className="button" data-testid="modal-close" onClick={() => close(false)}>
            <PlainText text={view.close?.text ?? "Close"} />
          </button>
          {view.submit && (
            <button
              type="submit"
              className="button primary"
              data-testid="modal-submit"
              aria-busy={isBusy}
              disabled={isBusy || view.submit_disabled === true}
            >
              <PlainText text={view.submit.text} />
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}

/** `{block_id: {action_id: value}}` as `/control/submit_view` takes it. */
function valuesOf(blocks: Block[], fieldOf: Surface["fieldOf"]): Values {
  const values: Values = {};
  for (const [block, element] of fieldsIn(blocks)) {
    const value = valueOf(element, fieldOf(block, element));
    if (value !== undefined) (values[block.block_id!] ??= {})[element.action_id!] = value;
  }
  return values;
}

function valueOf(element: Block, field: Field): unknown {
  const isMulti = element.type.startsWith("multi_");
  if (element.type === "file_input") return field.files?.map(({ id }) => id);
  if (element.type === "checkboxes") return field.options?.map(({ value }) => value);
  if (element.type.endsWith("external_select")) return isMulti ? field.options : field.options?.[0];
  if (element.type.endsWith("static_select") || element.type === "radio_buttons") {
    const chosen = field.options?.map(({ value }) => value) ?? [];
    return isMulti ? chosen : chosen[0];
  }
  if (element.type.endsWith("_select")) return isMulti ? field.ids : field.ids?.[0];
  if (element.type === "datetimepicker") return field.text ? Date.parse(field.text) / 1000 : undefined;
  return field.text;
}

function missingIn(blocks: Block[], fieldOf: Surface["fieldOf"]): Record<string, string> {
  const missing: Record<string, string> = {};
  for (const [block, element] of fieldsIn(blocks)) {
    if (block.type !== "input" || block.optional) continue;
    const value = valueOf(element, fieldOf(block, element));
    const isEmpty = value === undefined || (Array.isArray(value) && !value.length)
      || (typeof value === "string" && !value.trim());
    if (isEmpty) missing[block.block_id!] = REQUIRED;
  }
  return missing;
}

const VALUELESS = new Set(["button", "overflow", "image", "workflow_button"]);

function fieldsIn(blocks: Block[]): [Block, Block][] {
  return blocks
    .flatMap((block): [Block, Block | undefined][] => {
      if (block.type === "actions") return block.elements.map((element: Block) => [block, element]);
      return [[block, block.element ?? block.accessory]];
    })
    .filter((pair): pair is [Block, Block] => Boolean(pair[1] && !VALUELESS.has(pair[1].type)));
}
