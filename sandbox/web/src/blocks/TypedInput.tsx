/** Inputs a person types into: text, numbers, addresses, dates. */
import { useRef } from "react";

import { type ElementProps, tellsAtOnce } from "./elements";
import { useSurface } from "./surface";

const INPUT_TYPES: Record<string, string> = {
  email_text_input: "email",
  url_text_input: "url",
  number_input: "text",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};
const PICKERS = ["datepicker", "timepicker", "datetimepicker"];
const TYPING_PAUSE_MS = 300;

export function TypedInput({ block, element, labelledBy, describedBy }: ElementProps) {
  const surface = useSurface();
  const pause = useRef<number>(undefined);
  const text = surface.fieldOf(block, element).text ?? "";
  const isMultiline = element.multiline || element.type === "rich_text_input";
  const isPicker = PICKERS.includes(element.type);
  const triggers = (element.dispatch_action_config?.trigger_actions_on
    ?? ["on_enter_pressed"]) as string[];

  const tell = (now: string) => {
    const value = element.type === "datetimepicker" ? Date.parse(now) / 1000 : now;
    void surface.act(block, element, { value });
  };
  const onChange = (now: string) => {
    surface.setField(block, element, { text: now });
    if (!tellsAtOnce(block)) return;
    if (isPicker) tell(now);
    else if (triggers.includes("on_character_entered")) {
      window.clearTimeout(pause.current);
      pause.current = window.setTimeout(() => tell(now), TYPING_PAUSE_MS);
    }
  };
  const onEnter = () => {
    if (tellsAtOnce(block) && triggers.includes("on_enter_pressed")) tell(text);
  };
  const shared = {
    className: "field",
    value: text,
    placeholder: element.placeholder?.text as string | undefined,
    maxLength: element.max_length as number | undefined,
    "data-focus-on-load": element.focus_on_load === true ? "" : undefined,
    "data-action-id": element.action_id,
    "aria-labelledby": labelledBy,
    "aria-describedby": describedBy,
    "aria-label": labelledBy ? undefined : (element.placeholder?.text ?? "Value"),
  };
  if (isMultiline) {
    return <textarea {...shared} rows={4} onChange={(event) => onChange(event.target.value)} />;
  }
  return (
    <input
      {...shared}
      type={INPUT_TYPES[element.type] ?? "text"}
      inputMode={element.type === "number_input" ? (element.is_decimal_allowed ? "decimal" : "numeric") : undefined}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => event.key === "Enter" && onEnter()}
    />
  );
}
