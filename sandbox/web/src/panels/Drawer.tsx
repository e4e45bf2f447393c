/** Behind the scenes: what went over the wire, what was paid, and what shall go wrong. */
import { X } from "lucide-react";

import { Faults } from "./Faults";
import { Ledger } from "./Ledger";
import { Traffic } from "./Traffic";

export const TABS = {
  traffic: { title: "Traffic", Panel: Traffic },
  ledger: { title: "What was paid", Panel: Ledger },
  faults: { title: "Faults", Panel: Faults },
};

export type Tab = keyof typeof TABS;

export function isTab(name: string): name is Tab {
  return name in TABS;
}

interface DrawerProps {
  tab: Tab;
  onTab: (tab: Tab | "") => void;
}

export function Drawer({ tab, onTab }: DrawerProps) {
  const { Panel, title } = TABS[tab];
  const names = Object.keys(TABS) as Tab[];
  const move = (event: React.KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = names[(names.indexOf(tab) + step + names.length) % names.length]!;
    onTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <section className="drawer" aria-label="Behind the scenes">
      <header className="drawer-head">
        <h2 className="visually-hidden">Behind the scenes</h2>
        <div role="tablist" aria-label="Behind the scenes" onKeyDown={move}>
          {names.map((name) => (
            <button
              key={name}
              id={`tab-${name}`}
              type="button"
              role="tab"
              aria-selected={name === tab}
              aria-controls="drawer-panel"
              tabIndex={name === tab ? 0 : -1}
              onClick={() => onTab(name)}
            >
              {TABS[name].title}
            </button>
          ))}
        </div>
        <button type="button" className="icon-button" aria-label={`Close ${title}`} onClick={() => onTab("")}>
          <X aria-hidden />
        </button>
      </header>
      <div id="drawer-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} className="drawer-panel" data-testid={tab} tabIndex={0}>
        <Panel />
      </div>
    </section>
  );
}
