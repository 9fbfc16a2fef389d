import { SlidersHorizontal, X } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";

import { type RunFilter, useWorkflows } from "@/api";
import { Button, Field, Input, RUN_STATUSES, Select, statusWord, useDebounced } from "@/ui";

import styles from "./runs.module.css";
import { TRIGGERS } from "./trigger";

interface RunFiltersProps {
  filter: RunFilter;
  setFilter: (changes: Record<string, string | undefined>) => void;
  clear: () => void;
}

const metadataOf = (filter: RunFilter) =>
  Object.entries(filter).filter(([name]) => name.startsWith("metadata."));

export function RunFilters({ filter, setFilter, clear }: RunFiltersProps) {
  const rare = [filter.since, filter.until, filter.correlation_id].filter(Boolean).length;
  const rareCount = rare + metadataOf(filter).length;
  const [more, setMore] = useState(rareCount > 0);
  const moreId = useId();
  const choose = (name: string) => (event: React.ChangeEvent<HTMLSelectElement>) =>
    setFilter({ [name]: event.target.value });
  return (
    <div role="search" aria-label="Filter the runs" className={styles.filters}>
      <div className={styles.filterRow}>
        <WorkflowFilter value={filter.workflow ?? ""} onChange={choose("workflow")} />
        <Select aria-label="Status" value={filter.status ?? ""} onChange={choose("status")}>
          <option value="">Any status</option>
          {RUN_STATUSES.map((status) => (
            <option key={status} value={status}>
              {statusWord(status)}
            </option>
          ))}
        </Select>
        <Select aria-label="Started by" value={filter.trigger ?? ""} onChange={choose("trigger")}>
          <option value="">Started by anything</option>
          {Object.entries(TRIGGERS).map(([type, { word }]) => (
            <option key={type} value={type}>
              {word}
            </option>
          ))}
        </Select>
        <Button
          icon={SlidersHorizontal}
          aria-expanded={more}
          aria-controls={moreId}
          onClick={() => setMore(!more)}
        >
          More filters{rareCount > 0 ? ` (${rareCount})` : ""}
        </Button>
        {Object.keys(filter).length > 0 && (
          <Button look="quiet" onClick={clear}>
            Clear
          </Button>
        )}
      </div>
      {more && (
        <div id={moreId} className={styles.more}>
          <TimeFilter label="Since" value={filter.since} onChange={(since) => setFilter({ since })} />
          <TimeFilter label="Until" value={filter.until} onChange={(until) => setFilter({ until })} />
          <CorrelationFilter value={filter.correlation_id ?? ""} setFilter={setFilter} />
          <MetadataFilter filter={filter} setFilter={setFilter} />
        </div>
      )}
    </div>
  );
}

interface SelectProps {
  value: string;
  onChange: (event: React.ChangeEvent<HTMLSelectElement>) => void;
}

function WorkflowFilter({ value, onChange }: SelectProps) {
  const { data } = useWorkflows({});
  const workflows = data?.pages.flatMap((page) => page.results) ?? [];
  const listed = workflows.some((workflow) => workflow.id === value);
  return (
    <Select aria-label="Workflow" value={value} onChange={onChange}>
      <option value="">All workflows</option>
      {value && !listed && <option value={value}>{value}</option>}
      {workflows.map((workflow) => (
        <option key={workflow.id} value={workflow.id}>
          {workflow.name}
        </option>
      ))}
    </Select>
  );
}

interface TimeFilterProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** Entered in the reader's own zone, kept in the address as an instant. */
function TimeFilter({ label, value, onChange }: TimeFilterProps) {
  return (
    <Field label={label}>
      <Input
        type="datetime-local"
        value={value ? toLocalInput(value) : ""}
        onChange={(event) =>
          onChange(event.target.value ? new Date(event.target.value).toISOString() : undefined)
        }
      />
    </Field>
  );
}

export function toLocalInput(instant: string): string {
  const time = new Date(instant);
  if (Number.isNaN(time.getTime())) return "";
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function CorrelationFilter({ value, setFilter }: { value: string; setFilter: RunFiltersProps["setFilter"] }) {
  const [text, setText] = useState(value);
  useDebounced(text, (correlation_id) => setFilter({ correlation_id: correlation_id.trim() }));
  return (
    <Field label="Correlation id">
      <Input value={text} onChange={(event) => setText(event.target.value)} />
    </Field>
  );
}

function MetadataFilter({ filter, setFilter }: Omit<RunFiltersProps, "clear">) {
  const [text, setText] = useState("");
  const add = (event: KeyboardEvent<HTMLInputElement>) => {
    const at = text.indexOf("=");
    if (event.key !== "Enter" || at < 1) return;
    setFilter({ [`metadata.${text.slice(0, at).trim()}`]: text.slice(at + 1).trim() });
    setText("");
  };
  return (
    <Field label="Metadata">
      <Input
        value={text}
        placeholder="key=value, then Enter"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={add}
      />
      {metadataOf(filter).map(([name, value]) => (
        <Button
          key={name}
          small
          icon={X}
          aria-label={`Take away ${name}`}
          onClick={() => setFilter({ [name]: undefined })}
        >
          {name.slice("metadata.".length)}={value}
        </Button>
      ))}
    </Field>
  );
}
