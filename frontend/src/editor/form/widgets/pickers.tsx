import { useCredentials, useProject, useWorkflows } from "@/api";
import { cronInWords, Input, Select } from "@/ui";

import { type ControlProps, emptied, textOf } from "../control";
import styles from "../form.module.css";
import { aria } from "./simple";

const EVERY_WORKFLOW = {};

export function CredentialInput(props: ControlProps) {
  const { data } = useCredentials();
  const rows = (data ?? []).map(({ id, name, kind }) => ({ id, name: `${name} (${kind})` }));
  return <IdSelect {...props} rows={rows} loaded={data !== undefined} none="None" what="credential" />;
}

export function WorkflowInput(props: ControlProps) {
  const { data } = useWorkflows(EVERY_WORKFLOW);
  const rows = data?.pages.flatMap((page) => page.results.map(({ id, name }) => ({ id, name }))) ?? [];
  return (
    <IdSelect {...props} rows={rows} loaded={data !== undefined} none="Choose a workflow" what="workflow" />
  );
}

interface IdSelectProps extends ControlProps {
  rows: { id: string; name: string }[];
  loaded: boolean;
  none: string;
  what: string;
}

function IdSelect({ rows, loaded, none, what, ...props }: IdSelectProps) {
  const chosen = textOf(props.value);
  const known = chosen === "" || rows.some((row) => row.id === chosen);
  return (
    <Select
      id={props.id}
      aria-label={props.label}
      {...aria(props)}
      value={chosen}
      onChange={(event) => props.onChange(event.target.value || undefined)}
    >
      <option value="">{none}</option>
      {!known && <option value={chosen}>{loaded ? `${chosen} (no such ${what} here)` : chosen}</option>}
      {rows.map((row) => (
        <option key={row.id} value={row.id}>
          {row.name}
        </option>
      ))}
    </Select>
  );
}

export function CronInput(props: ControlProps) {
  const { id, label, spec, value, onChange } = props;
  const text = textOf(value);
  const words = text === "" ? null : cronInWords(text);
  return (
    <>
      <Input
        id={id}
        aria-label={label}
        {...aria(props)}
        className={styles.mono}
        value={text}
        placeholder={spec.placeholder || "0 9 * * 1-5"}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(emptied(spec, event.target.value))}
      />
      {words && <p className={styles.said}>{words}</p>}
    </>
  );
}

const ZONES = Intl.supportedValuesOf("timeZone");

export function TimezoneInput(props: ControlProps) {
  const { id, label, spec, value, onChange } = props;
  const project = useProject();
  return (
    <>
      <Input
        id={id}
        aria-label={label}
        {...aria(props)}
        list={`${id}-zones`}
        value={textOf(value)}
        placeholder={project ? `${project.timezone} (the project's)` : "UTC"}
        autoComplete="off"
        onChange={(event) => onChange(emptied(spec, event.target.value))}
      />
      <datalist id={`${id}-zones`}>
        {ZONES.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </>
  );
}

/** A day by the browser's own calendar, kept as 2026-03-01. */
export function DateInput(props: ControlProps) {
  const { id, label, spec, value, onChange } = props;
  return (
    <Input
      type="date"
      id={id}
      aria-label={label}
      {...aria(props)}
      value={textOf(value)}
      onChange={(event) => onChange(emptied(spec, event.target.value))}
    />
  );
}
