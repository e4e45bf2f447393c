/** The elements of Block Kit. https://docs.slack.dev/reference/block-kit/block-elements */
import type { ReactNode } from "react";

import type { Block } from "../wire";
import { Picture } from "./Blocks";
import { ActionButton, FeedbackButtons, IconButton, OverflowMenu } from "./buttons";
import { Checkboxes, RadioButtons } from "./choices";
import { FileInput } from "./FileInput";
import { MultiSelect, Select } from "./selects";
import { ExternalSelect } from "./ExternalSelect";
import { TypedInput } from "./TypedInput";
import { useSurface } from "./surface";

export interface ElementProps {
  block: Block;
  element: Block;
  /** Ids for a label and a hint or error, inside an input block. */
  labelledBy?: string;
  describedBy?: string;
}

export function Element(props: ElementProps): ReactNode {
  const { reader } = useSurface();
  const { element } = props;
  const onlyFor = element.visible_to_user_ids as string[] | undefined;
  if (onlyFor && !onlyFor.includes(reader)) return null;
  switch (element.type) {
    case "button":
    case "workflow_button":
      return <ActionButton {...props} />;
    case "overflow":
      return <OverflowMenu {...props} />;
    case "feedback_buttons":
      return <FeedbackButtons {...props} />;
    case "icon_button":
      return <IconButton {...props} />;
    case "image":
      return <Picture image={element} className="accessory-image" />;
    case "static_select":
    case "users_select":
    case "channels_select":
    case "conversations_select":
      return <Select {...props} />;
    case "multi_static_select":
    case "multi_users_select":
    case "multi_channels_select":
    case "multi_conversations_select":
      return <MultiSelect {...props} />;
    case "external_select":
    case "multi_external_select":
      return <ExternalSelect {...props} />;
    case "radio_buttons":
      return <RadioButtons {...props} />;
    case "checkboxes":
      return <Checkboxes {...props} />;
    case "file_input":
      return <FileInput {...props} />;
    case "plain_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
    case "rich_text_input":
    case "datepicker":
    case "timepicker":
    case "datetimepicker":
      return <TypedInput {...props} />;
    default:
      return <span className="block-unknown">Unknown element “{element.type}”</span>;
  }
}

/** Whether a change of this element is told to the app at once. */
export function tellsAtOnce(block: Block): boolean {
  return block.type !== "input" || block.dispatch_action === true;
}
