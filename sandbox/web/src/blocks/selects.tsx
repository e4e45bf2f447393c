/** Select menus whose options are known: static ones, and people and channels of the workspace. */
import { ChevronDown } from "lucide-react";
import { useMemo } from "react";

import { channelName, personName } from "../people";
import type { Block, Option, TextObject } from "../wire";
import { useWorkspace } from "../workspace";
import { type ElementProps, tellsAtOnce } from "./elements";
import { type Choice, type Field, useSurface } from "./surface";

interface OptionGroup {
  label?: TextObject;
  options: Option[];
}

export function Select({ block, element, labelledBy, describedBy }: ElementProps) {
  const surface = useSurface();
  const groups = useGroups(element);
  const options = groups.flatMap((group) => group.options);
  const value = chosenValues(surface.fieldOf(block, element))[0] ?? "";
  const choose = (chosen: string) => {
    const option = options.find((each) => each.value === chosen);
    if (!option) return;
    surface.setField(block, element, fieldFor(element, [option]));
    if (tellsAtOnce(block)) void surface.act(block, element, choiceOf(element, [option]));
  };
  return (
    <span className="select">
      <select
        value={value}
        data-action-id={element.action_id}
        aria-labelledby={labelledBy}
        aria-describedby={describedBy}
        aria-label={labelledBy ? undefined : (element.placeholder?.text ?? "Choose an option")}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="" disabled>{element.placeholder?.text ?? "Choose an option"}</option>
        {groups.map((group, at) => group.label
          ? <optgroup key={at} label={group.label.text}>{group.options.map(drawOption)}</optgroup>
          : group.options.map(drawOption))}
      </select>
      <ChevronDown aria-hidden />
    </span>
  );
}

export function MultiSelect({ block, element, labelledBy, describedBy }: ElementProps) {
  const surface = useSurface();
  const options = useGroups(element).flatMap((group) => group.options);
  const chosen = chosenValues(surface.fieldOf(block, element));
  const toggle = (value: string) => {
    const values = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
    const now = options.filter((option) => values.includes(option.value));
    surface.setField(block, element, fieldFor(element, now));
    if (tellsAtOnce(block)) void surface.act(block, element, choiceOf(element, now));
  };
  return (
    <div
      role="group"
      className="multi-select"
      data-action-id={element.action_id}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-label={labelledBy ? undefined : (element.placeholder?.text ?? "Choose options")}
    >
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="checkbox"
            value={option.value}
            checked={chosen.includes(option.value)}
            onChange={() => toggle(option.value)}
          />
          {option.text.text}
        </label>
      ))}
    </div>
  );
}

function drawOption(option: Option) {
  return <option key={option.value} value={option.value}>{option.text.text}</option>;
}

/** The element's own options, or people or channels as options. */
function useGroups(element: Block): OptionGroup[] {
  const users = useWorkspace((workspace) => workspace.users);
  const channels = useWorkspace((workspace) => workspace.channels);
  return useMemo(() => {
    if (element.option_groups) return element.option_groups as OptionGroup[];
    if (element.options) return [{ options: element.options as Option[] }];
    if (element.type.includes("users")) {
      return [{ options: [...users.values()].map((user) => named(user.id, personName(user))) }];
    }
    const open = channels.filter((channel) => !channel.is_im);
    return [{ options: open.map((channel) => named(channel.id, `#${channelName(channel, users)}`)) }];
  }, [element, users, channels]);
}

function named(value: string, text: string): Option {
  return { value, text: { type: "plain_text", text } };
}

function chosenValues(field: Field): string[] {
  return field.ids?.length ? field.ids : (field.options ?? []).map(({ value }) => value);
}

function fieldFor(element: Block, options: Option[]): Field {
  return element.type.includes("static")
    ? { options }
    : { ids: options.map(({ value }) => value) };
}

function choiceOf(element: Block, options: Option[]): Choice {
  const values = options.map(({ value }) => value);
  return element.type.startsWith("multi_") ? { value: values } : { value: values[0] };
}
