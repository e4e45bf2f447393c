/** Each request in and out, newest first. */
import { ArrowDownLeft, ArrowUpRight } from "lucide-react";
import { memo, useState } from "react";

import type { TrafficEntry } from "../wire";
import { useWorkspace } from "../workspace";

const SHOWN_ENTRIES = 300;

export function Traffic() {
  const traffic = useWorkspace((workspace) => workspace.traffic);
  const [filter, setFilter] = useState("");
  const wanted = filter.toLowerCase();
  const shown = traffic
    .filter((entry) => `${entry.peer} ${entry.method} ${entry.path} ${entry.status ?? ""} ${entry.note ?? ""}`
      .toLowerCase().includes(wanted))
    .slice(-SHOWN_ENTRIES)
    .reverse();
  return (
    <>
      <div className="panel-bar">
        <input
          type="search"
          className="field small"
          placeholder="Filter, e.g. chat.postMessage or 429"
          aria-label="Filter the traffic"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <span className="quiet">{shown.length} of {traffic.length} requests</span>
      </div>
      {shown.length === 0
        ? <p className="panel-empty">Nothing yet. Type <code>/video a fox in snow</code> and watch.</p>
        : (
          <table className="panel-table traffic-table">
            <thead>
              <tr>
                <th scope="col">Time</th><th scope="col">Direction</th><th scope="col">Peer</th>
                <th scope="col">Request</th><th scope="col">Status</th><th scope="col" className="number">ms</th>
              </tr>
            </thead>
            <tbody>{shown.map((entry) => <Row key={entry.n} entry={entry} />)}</tbody>
          </table>
        )}
    </>
  );
}

const Row = memo(function Row({ entry }: { entry: TrafficEntry }) {
  const isIn = entry.direction === "in";
  const isBad = entry.status === null || entry.status >= 400;
  return (
    <tr className={isBad ? "bad" : undefined}>
      <td><time>{timeOfDay(entry.at)}</time></td>
      <td className="direction">
        {isIn ? <ArrowDownLeft aria-hidden /> : <ArrowUpRight aria-hidden />} {isIn ? "from the app" : "to the app"}
      </td>
      <td>{entry.peer}</td>
      <td className="path"><b>{entry.method}</b> {entry.path}{entry.note && <small>{entry.note}</small>}</td>
      <td>{entry.status ?? "no answer"}</td>
      <td className="number">{entry.elapsed_ms === null ? "–" : Math.round(entry.elapsed_ms)}</td>
    </tr>
  );
});

function timeOfDay(at_s: number): string {
  const at = new Date(at_s * 1000);
  const milliseconds = String(at.getMilliseconds()).padStart(3, "0");
  return `${at.toLocaleTimeString([], { hour12: false })}.${milliseconds}`;
}
