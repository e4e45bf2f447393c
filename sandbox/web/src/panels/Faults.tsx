/** Switches for what the next calls do wrong, second deliveries, and a fresh start. */
import { RotateCcw, Zap } from "lucide-react";
import { type FormEvent, useState } from "react";

import { orToast, toast } from "../toasts";
import { type Fault, control } from "../wire";
import { useWorkspace } from "../workspace";
import { FAULT_LISTS, type NamedFault, isSame } from "./fault-list";

const VENDORS = { heygen: "HeyGen", fal: "fal", runware: "Runware" };

export function Faults() {
  const armed = useWorkspace((workspace) => workspace.faults);
  return (
    <div className="faults">
      <Armed armed={armed} />
      {FAULT_LISTS.map(({ who, faults }) => (
        <section key={who} aria-label={`Faults of ${who}`}>
          <h3>{who}</h3>
          <div className="fault-grid">
            {faults.map((named) => (
              <Switch key={named.title} named={named} armed={armed.filter((fault) => isSame(fault, named.fault))} />
            ))}
          </div>
        </section>
      ))}
      <AnyFault />
      <Again />
    </div>
  );
}

function Armed({ armed }: { armed: Fault[] }) {
  return (
    <div className="panel-bar">
      <span className={armed.length ? "pill bad" : "pill"} data-testid="armed-count">
        {armed.length ? `${armed.length} armed` : "nothing armed"}
      </span>
      {armed.map((fault, at) => (
        <code key={at} className="armed">
          {fault.target} {fault.kind}{(fault.times ?? 1) > 1 ? ` ×${fault.times}` : ""}
        </code>
      ))}
      {armed.length > 0 && (
        <button type="button" className="button small" data-testid="disarm-all" onClick={() => void disarm()}>
          Disarm all
        </button>
      )}
    </div>
  );
}

/** One press arms it for the next call, a second one takes it back. */
function Switch({ named, armed }: { named: NamedFault; armed: Fault[] }) {
  const isArmed = armed.length > 0;
  return (
    <button
      type="button"
      className="fault"
      aria-pressed={isArmed}
      data-testid="fault"
      data-fault={`${named.fault.target} ${named.fault.kind}`}
      onClick={() => void (isArmed ? disarm(named.fault) : arm(named.fault))}
    >
      <Zap aria-hidden />
      <span><strong>{named.title}</strong><small>{named.what}</small></span>
    </button>
  );
}

function AnyFault() {
  const targets = useWorkspace((workspace) => workspace.faultTargets);
  const kinds = useWorkspace((workspace) => workspace.faultKinds);
  const [target, setTarget] = useState("slack:chat.postMessage");
  const [kind, setKind] = useState("rate_limited");
  const [times, setTimes] = useState(1);
  const [after, setAfter] = useState(0);
  const [params, setParams] = useState("{}");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      void arm({ target, kind, times, after, params: JSON.parse(params) as Fault["params"] });
    } catch {
      toast("The parameters are not JSON.");
    }
  };
  return (
    <section aria-label="Any other fault">
      <h3>Any other fault</h3>
      <form className="any-fault" data-testid="any-fault" onSubmit={submit}>
        <label>Target<input className="field small" list="fault-targets" value={target} onChange={(event) => setTarget(event.target.value)} /></label>
        <datalist id="fault-targets">{targets.map((each) => <option key={each} value={each} />)}</datalist>
        <label>Kind<select className="field small" value={kind} onChange={(event) => setKind(event.target.value)}>{kinds.map((each) => <option key={each}>{each}</option>)}</select></label>
        <label>Times<input className="field small" type="number" min={1} value={times} onChange={(event) => setTimes(Number(event.target.value))} /></label>
        <label>After<input className="field small" type="number" min={0} value={after} onChange={(event) => setAfter(Number(event.target.value))} /></label>
        <label>Parameters<input className="field small" value={params} onChange={(event) => setParams(event.target.value)} /></label>
        <button type="submit" className="button small">Arm</button>
      </form>
    </section>
  );
}

function Again() {
  const again = (kind: string) =>
    void orToast(control("deliver_again", { kind }), (error) => `Nothing was delivered again: ${error}`);
  const webhookAgain = (gateway: string, name: string) =>
    void orToast(control(`${gateway}/webhook_again`, {}), (error) => `${name} delivered nothing again: ${error}`);
  return (
    <section aria-label="Deliveries">
      <h3>Deliver once more, as Slack and vendors sometimes do</h3>
      <div className="block-actions">
        {["command", "event", "action"].map((kind) => (
          <button key={kind} type="button" className="button small" onClick={() => again(kind)}>The last {kind}</button>
        ))}
        {Object.entries(VENDORS).map(([gateway, name]) => (
          <button key={gateway} type="button" className="button small" onClick={() => webhookAgain(gateway, name)}>{name}’s last webhook</button>
        ))}
        <button type="button" className="button small" onClick={() => void orToast(control("disconnect", {}))}>
          Close the app’s sockets
        </button>
        <button type="button" className="button small danger" data-testid="reset" onClick={() => void orToast(control("reset", {}))}>
          <RotateCcw aria-hidden /> Empty the workspace
        </button>
      </div>
    </section>
  );
}

function arm(fault: Fault) {
  return orToast(control("fault", fault));
}

/** Takes one fault back, or all. */
function disarm(fault?: Fault) {
  return orToast(control("disarm", fault ? { target: fault.target, kind: fault.kind, params: fault.params } : {}));
}
