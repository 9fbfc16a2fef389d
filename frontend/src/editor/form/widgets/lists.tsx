import { Plus, X } from "lucide-react";
import { useState } from "react";

import { Button, Input, Select } from "@/ui";

import { type ControlProps, textOf } from "../control";
import { blank, type FieldSpec, isShown } from "../fields";
import styles from "../form.module.css";
import { FieldRow } from "../setting";

type Item = Record<string, unknown>;

export const itemsOf = (value: unknown): Item[] => (Array.isArray(value) ? (value as Item[]) : []);

export function RemoveButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" className={styles.small} aria-label={label} onClick={onClick}>
      <X size={14} aria-hidden />
    </button>
  );
}

export function AddButton({ children, onClick }: { children: string; onClick: () => void }) {
  return (
    <Button small look="quiet" icon={Plus} onClick={onClick} className={styles.add}>
      {children}
    </Button>
  );
}

/** Rows of two short texts. */
export function KeyValuesInput({ id, label, spec, value, onChange }: ControlProps) {
  const rows = itemsOf(value);
  const key = partOf(spec, "key");
  const content = partOf(spec, "value");
  const set = (index: number, part: string, text: string) =>
    onChange(rows.with(index, { ...rows[index], [part]: text }));
  return (
    <div className={styles.rows}>
      {rows.map((row, index) => {
        const name = `${label} ${index + 1}`;
        return (
          <div className={styles.row} key={index}>
            <Input
              id={`${id}-${index}-key`}
              aria-label={`${name} ${key.title.toLowerCase()}`}
              value={textOf(row.key)}
              placeholder={key.placeholder || key.title}
              spellCheck={false}
              onChange={(event) => set(index, "key", event.target.value)}
            />
            <Input
              id={`${id}-${index}-value`}
              aria-label={`${name} ${content.title.toLowerCase()}`}
              value={textOf(row.value)}
              placeholder={content.placeholder || content.title}
              spellCheck={false}
              onChange={(event) => set(index, "value", event.target.value)}
            />
            <RemoveButton label={`Remove ${name}`} onClick={() => onChange(rows.toSpliced(index, 1))} />
          </div>
        );
      })}
      <AddButton
        onClick={() => onChange([...rows, { key: "", value: "" }])}
      >{`Add to ${label.toLowerCase()}`}</AddButton>
    </div>
  );
}

function partOf(spec: FieldSpec, name: "key" | "value"): { title: string; placeholder: string } {
  return (
    spec.fields.find((field) => field.name === name) ?? {
      title: name === "key" ? "Key" : "Value",
      placeholder: "",
    }
  );
}

interface MappingRow {
  name: string;
  text: string;
  as: "text" | "json";
}

/** An object, target by target. Rows without a name, or with one that is there already, wait here until they have one. */
export function MappingInput({ id, label, spec, value, onChange }: ControlProps) {
  const [seen, setSeen] = useState(value);
  const [rows, setRows] = useState(() => rowsOf(value));
  if (seen !== value) {
    setSeen(value);
    setRows(rowsOf(value));
  }
  const update = (next: MappingRow[]) => {
    const object = objectOf(next);
    setRows(next);
    setSeen(object);
    onChange(object);
  };
  const set = (index: number, part: Partial<MappingRow>) =>
    update(rows.with(index, { ...rows[index]!, ...part }));
  return (
    <div className={styles.rows}>
      {rows.map((row, index) => {
        const name = `${label} ${index + 1}`;
        const bad = row.as === "json" && parse(row.text) === undefined;
        return (
          <div className={styles.mappingRow} key={index}>
            <Input
              id={`${id}-${index}-name`}
              aria-label={`${name} name`}
              value={row.name}
              placeholder="Name"
              spellCheck={false}
              onChange={(event) => set(index, { name: event.target.value })}
            />
            <Input
              id={`${id}-${index}-value`}
              aria-label={`${name} value`}
              aria-invalid={bad || undefined}
              value={row.text}
              placeholder={row.as === "json" ? "1, true, [ … ]" : spec.placeholder}
              spellCheck={false}
              onChange={(event) => set(index, { text: event.target.value })}
            />
            <Select
              aria-label={`${name} type`}
              value={row.as}
              onChange={(event) => set(index, { as: event.target.value as MappingRow["as"] })}
            >
              <option value="text">Text</option>
              <option value="json">JSON</option>
            </Select>
            <RemoveButton label={`Remove ${name}`} onClick={() => update(rows.toSpliced(index, 1))} />
          </div>
        );
      })}
      <AddButton
        onClick={() => setRows([...rows, { name: "", text: "", as: "text" }])}
      >{`Add to ${label.toLowerCase()}`}</AddButton>
    </div>
  );
}

function rowsOf(value: unknown): MappingRow[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, content]: [string, unknown]) =>
    typeof content === "string"
      ? { name, text: content, as: "text" }
      : { name, text: JSON.stringify(content), as: "json" },
  );
}

function objectOf(rows: readonly MappingRow[]): Item {
  const object: Item = {};
  for (const { name, text, as } of rows) {
    if (name.trim() === "" || name in object) continue;
    object[name] = as === "json" ? (parse(text) ?? text) : text;
  }
  return object;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The settings inside a group, each a field of its own. */
export function GroupInput({ id, label, spec, value, onChange }: ControlProps) {
  const values = (typeof value === "object" && value !== null ? value : {}) as Item;
  return (
    <div className={styles.card}>
      <Parts
        id={id}
        label={label}
        fields={spec.fields}
        values={values}
        // The first value set brings the defaults of the others along: half a group would mean nothing.
        onChange={(name, next) => onChange({ ...blank(spec.fields), ...values, [name]: next })}
      />
    </div>
  );
}

interface PartsProps {
  id: string;
  label: string;
  fields: readonly FieldSpec[];
  values: Item;
  onChange: (name: string, value: unknown) => void;
}

export function Parts({ id, label, fields, values, onChange }: PartsProps) {
  return fields
    .filter((field) => isShown(field, values, fields))
    .map((field) => (
      <FieldRow
        key={field.name}
        nested
        spec={field}
        id={`${id}-${field.name}`}
        label={`${label} ${field.title.toLowerCase()}`}
        value={values[field.name] ?? field.schema.default}
        onChange={(next) => onChange(field.name, next)}
      />
    ));
}

/** A list of things that have settings of their own. */
export function ListInput({ id, label, spec, value, onChange }: ControlProps) {
  const items = itemsOf(value);
  return (
    <div className={styles.rows}>
      {items.map((item, index) => {
        const name = `${label} ${index + 1}`;
        return (
          <div className={styles.card} key={index}>
            <div className={styles.cardHead}>
              <span>{name}</span>
              <RemoveButton label={`Remove ${name}`} onClick={() => onChange(items.toSpliced(index, 1))} />
            </div>
            <Parts
              id={`${id}-${index}`}
              label={name}
              fields={spec.fields}
              values={item}
              onChange={(part, next) => onChange(items.with(index, { ...item, [part]: next }))}
            />
          </div>
        );
      })}
      <AddButton
        onClick={() => onChange([...items, blank(spec.fields)])}
      >{`Add to ${label.toLowerCase()}`}</AddButton>
    </div>
  );
}
