import { Input, Select } from "@/ui";

import { type ControlProps, textOf } from "../control";
import type { FieldSpec } from "../fields";
import styles from "../form.module.css";
import { AddButton, RemoveButton } from "./row-buttons";
import { TemplateInput } from "./template-input";
import { useRows } from "./use-rows";

interface Pair {
  key: string;
  value: string;
}

const EMPTY_PAIR: Pair = { key: "", value: "" };

/** Rows of a name and a text; one in which nothing is written yet is not sent. */
export function KeyValuesInput({ id, label, spec, value, onChange }: ControlProps) {
  const { rows, add, set, remove } = useRows(value, onChange, pairsOf, (pairs) =>
    pairs.filter((pair) => pair.key !== "" || pair.value !== ""),
  );
  const key = partOf(spec, "key");
  const content = partOf(spec, "value");
  return (
    <div className={styles.rows}>
      {rows.map((row, index) => {
        const name = `${label} ${index + 1}`;
        return (
          <div className={styles.row} key={index}>
            <Input
              id={`${id}-${index}-key`}
              aria-label={`${name} ${key.title.toLowerCase()}`}
              value={row.key}
              placeholder={key.placeholder || key.title}
              spellCheck={false}
              onChange={(event) => set(index, { ...row, key: event.target.value })}
            />
            <TemplateInput
              id={`${id}-${index}-value`}
              aria-label={`${name} ${content.title.toLowerCase()}`}
              value={row.value}
              placeholder={content.placeholder || content.title}
              onChange={(value) => set(index, { ...row, value })}
            />
            <RemoveButton label={`Remove ${name}`} onClick={() => remove(index)} />
          </div>
        );
      })}
      <AddButton onClick={() => add(EMPTY_PAIR)}>{`Add to ${label.toLowerCase()}`}</AddButton>
    </div>
  );
}

function pairsOf(value: unknown): Pair[] {
  if (!Array.isArray(value)) return [];
  return value.map((pair: Partial<Pair> | null) => ({ key: textOf(pair?.key), value: textOf(pair?.value) }));
}

function partOf(spec: FieldSpec, name: "key" | "value"): { title: string; placeholder: string } {
  const part = spec.fields.find((field) => field.name === name);
  return part ?? { title: name === "key" ? "Name" : "Value", placeholder: "" };
}

interface Target {
  name: string;
  text: string;
  as: "text" | "json";
}

const EMPTY_TARGET: Target = { name: "", text: "", as: "text" };

/** An object, field by field. A row without a name, or with one that is there already, waits until it has its own. */
export function MappingInput({ id, label, spec, value, onChange }: ControlProps) {
  const { rows, add, set, remove } = useRows(value, onChange, targetsOf, objectOf);
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
              onChange={(event) => set(index, { ...row, name: event.target.value })}
            />
            <TemplateInput
              id={`${id}-${index}-value`}
              aria-label={`${name} value`}
              aria-invalid={bad || undefined}
              value={row.text}
              placeholder={row.as === "json" ? "1, true, [ … ]" : spec.placeholder}
              onChange={(text) => set(index, { ...row, text })}
            />
            <Select
              id={`${id}-${index}-type`}
              aria-label={`${name} type`}
              value={row.as}
              onChange={(event) => set(index, { ...row, as: event.target.value as Target["as"] })}
            >
              <option value="text">Text</option>
              <option value="json">JSON</option>
            </Select>
            <RemoveButton label={`Remove ${name}`} onClick={() => remove(index)} />
          </div>
        );
      })}
      <AddButton onClick={() => add(EMPTY_TARGET)}>{`Add to ${label.toLowerCase()}`}</AddButton>
    </div>
  );
}

function targetsOf(value: unknown): Target[] {
  const fields = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (fields.length === 0) return [EMPTY_TARGET];
  return fields.map(([name, content]: [string, unknown]) =>
    typeof content === "string"
      ? { name, text: content, as: "text" }
      : { name, text: JSON.stringify(content), as: "json" },
  );
}

function objectOf(rows: readonly Target[]): Record<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const { name, text, as } of rows) {
    if (name.trim() === "" || fields.has(name)) continue;
    fields.set(name, as === "json" ? (parse(text) ?? text) : text);
  }
  return Object.fromEntries(fields);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
