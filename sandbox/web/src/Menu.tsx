/** A button with a menu, in the browser's top layer so that no scrolling pane cuts it off. */
import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";

export interface MenuItem {
  label: ReactNode;
  description?: ReactNode;
  icon?: ReactNode;
  isDanger?: boolean;
  isChecked?: boolean;
  testId?: string;
  onSelect: () => void;
}

interface MenuProps {
  label?: string;
  items: MenuItem[];
  className?: string;
  testId?: string;
  children: ReactNode;
}

const GAP_PX = 4;

export function Menu({ label, items, className, testId, children }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (!isOpen) return;
    place(button.current!, list.current!);
    itemsIn(list.current!)[0]?.focus();
  }, [isOpen]);
  const choose = (item: MenuItem) => {
    list.current?.hidePopover();
    button.current?.focus();
    item.onSelect();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={className}
        data-testid={testId}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        popoverTarget={id}
      >
        {children}
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        role="menu"
        aria-label={label ?? "Menu"}
        className="menu"
        onToggle={(event) => setOpen(event.newState === "open")}
        onKeyDown={(event) => moveFocus(event, list.current!)}
      >
        {isOpen && items.map((item, at) => (
          <Item key={at} item={item} onChoose={() => choose(item)} />
        ))}
      </div>
    </>
  );
}

function Item({ item, onChoose }: { item: MenuItem; onChoose: () => void }) {
  const isRadio = item.isChecked !== undefined;
  return (
    <button
      type="button"
      role={isRadio ? "menuitemradio" : "menuitem"}
      aria-checked={item.isChecked}
      tabIndex={-1}
      className={`menu-item ${item.isDanger ? "danger" : ""}`}
      data-testid={item.testId}
      onClick={onChoose}
    >
      {item.icon}
      <span>
        {item.label}
        {item.description && <small>{item.description}</small>}
      </span>
      {item.isChecked && <span className="menu-check" aria-hidden>✓</span>}
    </button>
  );
}

function moveFocus(event: KeyboardEvent, list: HTMLElement) {
  const items = itemsIn(list);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[(next + items.length) % items.length]?.focus();
}

function itemsIn(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>(".menu-item")];
}

/** Below the button where there is room, else above; never outside the window. */
function place(button: HTMLElement, list: HTMLElement) {
  const anchor = button.getBoundingClientRect();
  const { width, height } = list.getBoundingClientRect();
  const fitsBelow = anchor.bottom + GAP_PX + height <= window.innerHeight;
  const top = fitsBelow ? anchor.bottom + GAP_PX : anchor.top - GAP_PX - height;
  const left = Math.min(anchor.left, window.innerWidth - width - 2 * GAP_PX);
  list.style.top = `${Math.max(GAP_PX, top)}px`;
  list.style.left = `${Math.max(GAP_PX, left)}px`;
}
