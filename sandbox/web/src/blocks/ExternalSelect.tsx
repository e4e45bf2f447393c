/** A select whose options the app is asked for while the person types. */
import { X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";

import type { Option } from "../wire";
import { type ElementProps, tellsAtOnce } from "./elements";
import { useSurface } from "./surface";

const TYPING_PAUSE_MS = 250;
const DEFAULT_MIN_QUERY_LENGTH = 3;

export function ExternalSelect({ block, element, labelledBy, describedBy }: ElementProps) {
  const surface = useSurface();
  const listId = useId();
  const isMulti = element.type.startsWith("multi_");
  const chosen = surface.fieldOf(block, element).options ?? [];
  const search = useSearch({ block, element });
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.scrollIntoView({ block: "nearest" });
  }, [search.isOpen, search.options]);

  const keep = (options: Option[]) => {
    surface.setField(block, element, { options });
    search.close();
    if (!tellsAtOnce(block)) return;
    void surface.act(block, element, { value: isMulti ? options : options[0] });
  };
  const pick = (option: Option) => keep(isMulti ? [...chosen, option] : [option]);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const last = search.options.length - 1;
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, last));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter" && search.options[at]) pick(search.options[at]);
    else if (event.key === "Escape" && search.isOpen) search.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="external" data-action-id={element.action_id}>
      {chosen.map((option) => (
        <span key={option.value} className="chip">
          {option.text.text}
          <button
            type="button"
            aria-label={`Remove ${option.text.text}`}
            onClick={() => keep(chosen.filter(({ value }) => value !== option.value))}
          >
            <X aria-hidden />
          </button>
        </span>
      ))}
      {(isMulti || !chosen.length) && (
        <input
          type="text"
          role="combobox"
          className="field"
          value={search.query}
          placeholder={element.placeholder?.text ?? "Type to search"}
          aria-labelledby={labelledBy}
          aria-describedby={describedBy}
          aria-label={labelledBy ? undefined : (element.placeholder?.text ?? "Search")}
          aria-expanded={search.isOpen}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={search.options[at] ? `${listId}-${at}` : undefined}
          onFocus={search.open}
          onBlur={search.close}
          onChange={(event) => search.setQuery(event.target.value)}
          onKeyDown={onKeyDown}
        />
      )}
      <ul ref={list} id={listId} role="listbox" aria-label="Options" className="external-list" hidden={!search.isOpen}>
        {search.options.map((option, index) => (
          <li
            key={option.value}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === at}
            onPointerDown={(event) => { event.preventDefault(); pick(option); }}
          >
            {option.text.text}
          </li>
        ))}
        {!search.options.length && (
          <li role="option" aria-selected={false} aria-disabled className="external-note">{search.note}</li>
        )}
      </ul>
    </div>
  );
}

/** Asks for options after a pause in typing; an answer that comes too late is dropped. */
function useSearch({ block, element }: Pick<ElementProps, "block" | "element">) {
  const surface = useSurface();
  const minimum = (element.min_query_length as number | undefined) ?? DEFAULT_MIN_QUERY_LENGTH;
  const [isOpen, setOpen] = useState(false);
  const [query, setQuery] = useState("");
  const [options, setOptions] = useState<Option[]>([]);
  const [note, setNote] = useState("");
  const isLongEnough = query.length >= minimum;

  useEffect(() => {
    setOptions([]);
    setNote(isLongEnough ? "Loading…" : `Type at least ${minimum} characters`);
    if (!isOpen || !isLongEnough) return undefined;
    let isStale = false;
    const ask = () =>
      surface.suggest(block, element, query).then(
        (found) => {
          if (isStale) return;
          setOptions(found);
          setNote("No results");
        },
        (error: Error) => !isStale && setNote(error.message),
      );
    const timer = window.setTimeout(() => void ask(), TYPING_PAUSE_MS);
    return () => {
      isStale = true;
      window.clearTimeout(timer);
    };
    // `surface` changes with every keystroke elsewhere in the form; it must not ask again.
  }, [query, isOpen, isLongEnough, minimum, element.action_id]);

  const close = () => { setOpen(false); setQuery(""); };
  return { isOpen, query, options, note, setQuery, open: () => setOpen(true), close };
}
