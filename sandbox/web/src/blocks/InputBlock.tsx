/** A labelled field of a modal, with its hint and its error. */
import { TriangleAlert } from "lucide-react";
import { useId } from "react";

import { PlainText } from "../Mrkdwn";
import type { Block } from "../wire";
import { Element } from "./elements";
import { useSurface } from "./surface";

export function InputBlock({ block }: { block: Block }) {
  const surface = useSurface();
  const id = useId();
  const error = surface.errorAt(block.block_id);
  const describedBy = [error && `${id}-error`, block.hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div className={`block-input ${error ? "has-error" : ""}`} data-block-id={block.block_id}>
      <div id={`${id}-label`} className="field-label">
        <PlainText text={block.label.text} />
        {block.optional && <span className="optional"> (optional)</span>}
      </div>
      <Element
        block={block}
        element={block.element}
        labelledBy={`${id}-label`}
        describedBy={describedBy || undefined}
      />
      {error && (
        <p id={`${id}-error`} className="field-error" data-testid="field-error" role="alert">
          <TriangleAlert aria-hidden className="inline-icon" /> {error}
        </p>
      )}
      {block.hint && <p id={`${id}-hint`} className="hint"><PlainText text={block.hint.text} /></p>}
    </div>
  );
}
