/** A modal dialog: the browser's own, which keeps focus inside and everything else inert. */
import { type ReactNode, useEffect, useId, useRef } from "react";
import { X } from "lucide-react";

interface DialogProps {
  title: ReactNode;
  onClose: () => void;
  className?: string;
  testId?: string;
  children: ReactNode;
}

const FIELD = ".dialog-body :is(input, textarea, select)";

/** The field that asks for it, else the first one, else the foot's first (harmless) button. */
function firstToFill(dialog: HTMLElement): HTMLElement | null {
  return dialog.querySelector<HTMLElement>("[data-focus-on-load]")
    ?? dialog.querySelector<HTMLElement>(FIELD)
    ?? dialog.querySelector<HTMLElement>(".dialog-foot button");
}

export function Dialog({ title, onClose, className, testId, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current!;
    const before = document.activeElement as HTMLElement | null;
    dialog.showModal();
    firstToFill(dialog)?.focus();
    return () => {
      dialog.close();
      before?.focus?.();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={`dialog ${className ?? ""}`}
      data-testid={testId}
      aria-labelledby={titleId}
      onCancel={(event) => {
        if (event.target !== ref.current) return;
        event.preventDefault();
        onClose();
      }}
    >
      <header className="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={onClose}>
          <X aria-hidden />
        </button>
      </header>
      {children}
    </dialog>
  );
}
