import { CircleOff, HeartPulse, TriangleAlert } from "lucide-react";
import { Link } from "react-router";

import { type Untaken, useWorkers, type Worker } from "@/api";
import { cell, paths, RelativeTime, Table } from "@/ui";

import { Section } from "./section";
import styles from "./workers.module.css";

const COLUMNS = [
  { label: "Worker" },
  { label: "State", width: "110px" },
  { label: "Heard of", width: "130px" },
  { label: "Runs", width: "90px", number: true },
];

const STATES = {
  alive: { word: "Alive", Icon: HeartPulse },
  lapsed: { word: "Lapsed", Icon: TriangleAlert },
  stopped: { word: "Stopped", Icon: CircleOff },
};

/** Only the server's administrator gets an answer; for everybody else there is nothing to see here. */
export function Workers() {
  const { data } = useWorkers();
  if (!data) return null;
  return (
    <Section
      title="Workers"
      lead="The processes that work on runs: those at work, and those that stopped or were lost within a day."
    >
      {data.untaken.length > 0 && <UntakenRuns untaken={data.untaken} />}
      {data.results.length === 0 ? (
        <p>No worker has been here within the last day.</p>
      ) : (
        <Table label="Workers" columns={COLUMNS}>
          {data.results.map((worker) => (
            <Row key={worker.id} worker={worker} />
          ))}
        </Table>
      )}
    </Section>
  );
}

function Row({ worker }: { worker: Worker }) {
  const { word, Icon } = STATES[worker.state];
  return (
    <tr>
      <td>
        <p>
          {worker.host}, process {worker.pid}
        </p>
        <p className={styles.more}>
          <code>{worker.id}</code> · <code>{worker.code_version || "Version not known"}</code>
        </p>
        {!worker.claims && <p className={styles.more}>Goes on only with what came in by it</p>}
        <details className={styles.more}>
          <summary>{worker.node_kinds.length} node kinds</summary>
          {worker.node_kinds.join(", ")}
        </details>
      </td>
      <td>
        <span className={`${styles.state} ${styles[worker.state]}`}>
          <Icon size={15} aria-hidden />
          {word}
        </span>
      </td>
      <td className={cell.faint}>{worker.heard_at ? <RelativeTime at={worker.heard_at} /> : "Not known"}</td>
      <td className={cell.number}>
        {worker.runs_held}
        {worker.slots !== null && ` of ${worker.slots}`}
      </td>
    </tr>
  );
}

function UntakenRuns({ untaken }: { untaken: Untaken[] }) {
  return (
    <div className={styles.untaken}>
      <h3 id="untaken">Runs that no worker can take</h3>
      <ul aria-labelledby="untaken">
        {untaken.map((each) => (
          <li key={`${each.workflow_id} ${each.version}`}>
            <Link to={paths.runsOf(each.workflow_id)}>
              {each.runs === 1 ? "1 run" : `${each.runs.toLocaleString("en")} runs`} of {each.workflow_name}
            </Link>
            , {each.version === null ? "a draft" : `version ${each.version}`}, since{" "}
            <RelativeTime at={each.since} />: {each.reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
