/** A file input of a modal: files are uploaded when they are chosen, as Slack does it. */
import { Upload, X } from "lucide-react";
import { useId, useState } from "react";

import { FileChip } from "../files";
import { type SlackFile, upload } from "../wire";
import type { ElementProps } from "./elements";
import { useSurface } from "./surface";

const DEFAULT_MAX_FILES = 10;

export function FileInput({ block, element, labelledBy, describedBy }: ElementProps) {
  const surface = useSurface();
  const id = useId();
  const [problem, setProblem] = useState("");
  const [isOver, setOver] = useState(false);
  const files = surface.fieldOf(block, element).files ?? [];
  const maximum = (element.max_files as number | undefined) ?? DEFAULT_MAX_FILES;
  const filetypes = (element.filetypes ?? []) as string[];

  const add = async (chosen: File[]) => {
    setProblem("");
    try {
      const added: SlackFile[] = [];
      for (const file of chosen.slice(0, maximum - files.length)) {
        added.push(await upload(surface.reader, file));
      }
      surface.setField(block, element, { files: [...files, ...added] });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  const remove = (file: SlackFile) =>
    surface.setField(block, element, { files: files.filter(({ id: kept }) => kept !== file.id) });
  return (
    <div
      className={`file-input ${isOver ? "over" : ""}`}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void add([...event.dataTransfer.files]);
      }}
    >
      {files.map((file) => (
        <FileChip key={file.id} file={file}>
          <button type="button" aria-label={`Remove ${file.name}`} onClick={() => remove(file)}>
            <X aria-hidden />
          </button>
        </FileChip>
      ))}
      {files.length < maximum && (
        <label className="button small" htmlFor={id}>
          <Upload aria-hidden /> Add file
          <input
            id={id}
            type="file"
            className="visually-hidden"
            multiple={maximum > 1}
            accept={filetypes.map((type) => `.${type}`).join(",") || undefined}
            data-action-id={element.action_id}
            aria-labelledby={labelledBy}
            aria-describedby={describedBy}
            onChange={(event) => {
              void add([...(event.target.files ?? [])]);
              event.target.value = "";
            }}
          />
        </label>
      )}
      {problem && <p className="field-error" role="alert">{problem}</p>}
    </div>
  );
}
