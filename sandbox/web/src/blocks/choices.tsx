/** Radio buttons and checkboxes. */
import { useId } from "react";

import { Text } from "../Mrkdwn";
import type { Option } from "../wire";
import { type ElementProps, tellsAtOnce } from "./elements";
import { useSurface } from "./surface";

export function RadioButtons({ block, element, ...names }: ElementProps) {
  const surface = useSurface();
  const chosen = surface.fieldOf(block, element).options?.[0]?.value;
  const choose = (option: Option) => {
    surface.setField(block, element, { options: [option] });
    if (tellsAtOnce(block)) void surface.act(block, element, { selected_option: option.value });
  };
  return (
    <Group role="radiogroup" actionId={element.action_id} {...names}>
      {(element.options as Option[]).map((option) => (
        <Choice
          key={option.value}
          kind="radio"
          group={`${block.block_id}-${element.action_id}`}
          option={option}
          isChosen={chosen === option.value}
          onChange={() => choose(option)}
        />
      ))}
    </Group>
  );
}

export function Checkboxes({ block, element, ...names }: ElementProps) {
  const surface = useSurface();
  const chosen = surface.fieldOf(block, element).options ?? [];
  const toggle = (option: Option) => {
    const isOn = chosen.some(({ value }) => value === option.value);
    const options = isOn ? chosen.filter(({ value }) => value !== option.value) : [...chosen, option];
    surface.setField(block, element, { options });
    if (tellsAtOnce(block)) void surface.act(block, element, { value: options.map(({ value }) => value) });
  };
  return (
    <Group role="group" actionId={element.action_id} {...names}>
      {(element.options as Option[]).map((option) => (
        <Choice
          key={option.value}
          kind="checkbox"
          group={`${block.block_id}-${element.action_id}`}
          option={option}
          isChosen={chosen.some(({ value }) => value === option.value)}
          onChange={() => toggle(option)}
        />
      ))}
    </Group>
  );
}

interface GroupProps {
  role: "group" | "radiogroup";
  actionId?: string;
  labelledBy?: string;
  describedBy?: string;
  children: React.ReactNode;
}

function Group({ role, actionId, labelledBy, describedBy, children }: GroupProps) {
  return (
    <div
      role={role}
      className="choices"
      data-action-id={actionId}
      aria-labelledby={labelledBy}
      aria-label={labelledBy ? undefined : "Options"}
      aria-describedby={describedBy}
    >
      {children}
    </div>
  );
}

interface ChoiceProps {
  kind: "radio" | "checkbox";
  group: string;
  option: Option;
  isChosen: boolean;
  onChange: () => void;
}

function Choice({ kind, group, option, isChosen, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="choice">
      <input
        id={id}
        type={kind}
        name={group}
        value={option.value}
        checked={isChosen}
        onChange={onChange}
      />
      <label htmlFor={id}>
        <Text text={option.text} />
        {option.description && <small><Text text={option.description} /></small>}
      </label>
    </div>
  );
}
