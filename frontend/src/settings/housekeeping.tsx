import { type HousekeepingTask, useChangeHousekeeping, useHousekeeping } from "@/api";
import { cell, Input, ProblemNote, RelativeTime, Switch, Table } from "@/ui";

import { Section } from "./section";

const COLUMNS = [
  { label: "On", hidden: true, width: "58px" },
  { label: "Task" },
  { label: "Every (minutes)", width: "140px" },
  { label: "Last done", width: "130px" },
];

/** Only the server's administrator gets an answer; for everybody else there is nothing to see here. */
export function Housekeeping() {
  const { data } = useHousekeeping();
  const change = useChangeHousekeeping();
  if (!data?.length) return null;
  return (
    <Section title="Housekeeping" lead="What the server does from time to time, whoever is signed in.">
      {change.error && <ProblemNote error={change.error} />}
      <Table label="Housekeeping" columns={COLUMNS}>
        {data.map((task) => (
          <Row key={task.id} task={task} onChange={(changes) => change.mutate({ id: task.id, ...changes })} />
        ))}
      </Table>
    </Section>
  );
}

interface RowProps {
  task: HousekeepingTask;
  onChange: (changes: { enabled?: boolean; every_minutes?: number }) => void;
}

function Row({ task, onChange }: RowProps) {
  return (
    <tr>
      <td>
        <Switch
          label={task.name}
          checked={task.enabled}
          onCheckedChange={(enabled) => onChange({ enabled })}
        />
      </td>
      <td>{task.name}</td>
      <td>
        <Input
          key={task.every_minutes}
          type="number"
          min={1}
          aria-label={`Minutes between: ${task.name}`}
          defaultValue={task.every_minutes}
          onBlur={(event) => {
            const minutes = event.target.valueAsNumber;
            if (minutes >= 1 && minutes !== task.every_minutes) onChange({ every_minutes: minutes });
          }}
        />
      </td>
      <td className={cell.faint}>{task.last_run_at ? <RelativeTime at={task.last_run_at} /> : "Not yet"}</td>
    </tr>
  );
}
