/** Buttons and overflow menus of Block Kit. */
import { Ellipsis, ThumbsDown, ThumbsUp, Trash2 } from "lucide-react";
import { useState } from "react";

import { Menu } from "../Menu";
import { PlainText } from "../Mrkdwn";
import type { Block, Option } from "../wire";
import { useSurface } from "./surface";

export function ActionButton({ block, element }: { block: Block; element: Block }) {
  const surface = useSurface();
  const [isBusy, setBusy] = useState(false);
  const click = async () => {
    if (element.url) window.open(element.url, "_blank", "noreferrer");
    setBusy(true);
    await surface.act(block, element, { value: element.value });
    setBusy(false);
  };
  return (
    <button
      type="button"
      className={`button small ${element.style ?? ""}`}
      aria-label={element.accessibility_label}
      aria-busy={isBusy}
      data-action-id={element.action_id}
      onClick={() => !isBusy && void click()}
    >
      <PlainText text={element.text.text} />
    </button>
  );
}

export function OverflowMenu({ block, element }: { block: Block; element: Block }) {
  const surface = useSurface();
  const choose = (option: Option & { url?: string }) => {
    if (option.url) window.open(option.url, "_blank", "noreferrer");
    void surface.act(block, element, { selected_option: option.value });
  };
  return (
    <span data-action-id={element.action_id}>
      <Menu
        label="More actions"
        className="button small overflow"
        testId="overflow"
        items={(element.options as Option[]).map((option) => ({
          label: <PlainText text={option.text.text} />,
          description: option.description && <PlainText text={option.description.text} />,
          testId: "overflow-option",
          onSelect: () => choose(option),
        }))}
      >
        <Ellipsis aria-hidden />
      </Menu>
    </span>
  );
}

export function FeedbackButtons({ block, element }: { block: Block; element: Block }) {
  const surface = useSurface();
  const choices = [
    { ...element.positive_button, Icon: ThumbsUp },
    { ...element.negative_button, Icon: ThumbsDown },
  ];
  return (
    <>
      {choices.map(({ text, value, accessibility_label, Icon }) => (
        <button
          key={value}
          type="button"
          className="icon-button"
          aria-label={accessibility_label ?? text.text}
          data-action-id={element.action_id}
          onClick={() => void surface.act(block, element, { value })}
        >
          <Icon aria-hidden />
        </button>
      ))}
    </>
  );
}

export function IconButton({ block, element }: { block: Block; element: Block }) {
  const surface = useSurface();
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={element.accessibility_label ?? element.text.text}
      data-action-id={element.action_id}
      onClick={() => void surface.act(block, element, { value: element.value })}
    >
      <Trash2 aria-hidden />
    </button>
  );
}
