/** What a vendor would charge for: each accepted submission, with doubles in red. */
import { useEffect, useState } from "react";

import { clock } from "../dates";
import { type LedgerEntry, look } from "../wire";
import { useWorkspace } from "../workspace";

const REFRESH_PAUSE_MS = 250;
const VENDORS = /heygen|fal|runware/i;

export function Ledger() {
  const ledger = useLedger();
  if (!ledger) return <p className="panel-empty">Loading…</p>;
  if (!ledger.length) {
    return <p className="panel-empty">No vendor has accepted anything yet: nothing would be on a bill.</p>;
  }
  const doubles = ledger.filter((entry) => entry.duplicate_of).length;
  return (
    <>
      <div className="panel-bar">
        <strong>{ledger.length} accepted {ledger.length === 1 ? "submission" : "submissions"}</strong>
        <span className={doubles ? "pill bad" : "pill good"}>
          {doubles ? `${doubles} the same once more` : "none paid twice"}
        </span>
      </div>
      <table className="panel-table ledger-table">
        <thead>
          <tr>
            <th scope="col">Time</th><th scope="col">Vendor</th><th scope="col">Endpoint</th>
            <th scope="col">Id</th><th scope="col">State</th><th scope="col">Input</th>
          </tr>
        </thead>
        <tbody>
          {[...ledger].reverse().map((entry) => (
            <tr key={`${entry.gateway}-${entry.id}`} className={entry.duplicate_of ? "bad" : undefined}>
              <td>{clock(new Date(entry.at * 1000))}</td>
              <td>{entry.gateway}</td>
              <td className="path">{entry.endpoint}</td>
              <td className="path">{entry.id}</td>
              <td>{entry.duplicate_of ? `again: ${entry.duplicate_of}` : entry.state}</td>
              <td className="input"><details><summary>{promptOf(entry.input)}</summary><pre tabIndex={0}>{JSON.stringify(entry.input, null, 2)}</pre></details></td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Read again whenever a vendor heard something. */
function useLedger(): LedgerEntry[] | undefined {
  const lastHeard = useWorkspace(
    (workspace) => workspace.traffic.findLast(({ peer, path }) => VENDORS.test(`${peer} ${path}`))?.n,
  );
  const connection = useWorkspace((workspace) => workspace.connection);
  const [ledger, setLedger] = useState<LedgerEntry[]>();
  useEffect(() => {
    const read = () => void look<{ ledger: LedgerEntry[] }>("ledger")
      .then((answer) => setLedger(answer.ledger), () => undefined);
    const timer = window.setTimeout(read, REFRESH_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [lastHeard, connection]);
  return ledger;
}

function promptOf(input: unknown): string {
  if (!input || typeof input !== "object") return String(input ?? "");
  const fields = input as Record<string, unknown>;
  const nested = fields.input as Record<string, unknown> | undefined;
  const prompt = fields.prompt ?? nested?.prompt;
  return typeof prompt === "string" ? prompt : "input";
}
