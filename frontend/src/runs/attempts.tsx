import { ChevronLeft, ChevronRight, CircleX } from "lucide-react";

import type { Log } from "@/api";
import { Button, formatDuration, IconButton, Select, statusWord } from "@/ui";

import styles from "./run-page.module.css";

/** More than this are gone through one by one: no list of thousands. */
const LISTED = 100;

interface AttemptsProps {
  /** Of one node, in the order in which they started. */
  logs: readonly Log[];
  chosen: string;
  onChoose: (logId: string) => void;
}

/** Which attempt, and in a loop of which iteration, is looked at. */
export function Attempts({ logs, chosen, onChoose }: AttemptsProps) {
  if (logs.length > LISTED) return <Pager logs={logs} chosen={chosen} onChoose={onChoose} />;
  return (
    <Select aria-label="Attempt" value={chosen} onChange={(event) => onChoose(event.target.value)}>
      {logs.map((log) => (
        <option key={log.id} value={log.id}>
          {inWords(log)}
        </option>
      ))}
    </Select>
  );
}

function inWords(log: Log): string {
  const iteration = log.iteration ? `#${log.iteration} · ` : "";
  return `${iteration}Attempt ${log.attempt} · ${statusWord(log.status)} · ${formatDuration(log.duration_ms)}`;
}

function Pager({ logs, chosen, onChoose }: AttemptsProps) {
  const at = logs.findIndex((log) => log.id === chosen);
  const go = (index: number) => {
    const log = logs[index];
    if (log) onChoose(log.id);
  };
  const failed = [...logs.keys()].filter((index) => logs[index]!.status === "failed");
  return (
    <div className={styles.pager} role="group" aria-label="Attempt">
      <IconButton
        small
        icon={ChevronLeft}
        label="The one before"
        disabled={at === 0}
        onClick={() => go(at - 1)}
      />
      <input
        type="number"
        aria-label="Number of the attempt"
        min={1}
        max={logs.length}
        value={at + 1}
        onChange={(event) => go(Number(event.target.value) - 1)}
      />
      <span>of {logs.length.toLocaleString("en")}</span>
      <IconButton
        small
        icon={ChevronRight}
        label="The next one"
        disabled={at === logs.length - 1}
        onClick={() => go(at + 1)}
      />
      {failed.length > 0 && (
        <Button small icon={CircleX} onClick={() => go(failed.find((index) => index > at) ?? failed[0]!)}>
          Next failed ({failed.length.toLocaleString("en")})
        </Button>
      )}
      <p>{inWords(logs[at]!)}</p>
    </div>
  );
}
