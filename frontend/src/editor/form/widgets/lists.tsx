import { Input } from "@/ui";

import { type ControlProps, textOf } from "../control";
import { blank, type FieldSpec, isShown } from "../fields";
import styles from "../form.module.css";
import { FieldRow } from "../setting";
import { AddButton, RemoveButton } from "./row-buttons";
import { useRows } from "./use-rows";

export type Item = Record<string, unknown>;

export const itemsOf = (value: unknown): Item[] => (Array.isArray(value) ? (value as Item[]) : []);

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

function Parts({ id, label, fields, values, onChange }: PartsProps) {
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
      <AddButton onClick={() => onChange([...items, blank(spec.fields)])}>
        {`Add to ${label.toLowerCase()}`}
      </AddButton>
    </div>
  );
}

interface Case {
  /** As it stands in the field; what is sent keeps its last good name while this one cannot be one. */
  typed: string;
  item: Item;
}

/**
 * The cases of a switch. A case's name is an exit that edges hang on: an empty or doubled one is never handed on, so that
 * renaming a case letter by letter does not tear them off.
 */
export function CasesInput({ id, label, spec, value, onChange }: ControlProps) {
  const { rows, add, set, remove } = useRows(value, onChange, casesOf, (cases) =>
    cases.map(({ item }) => item).filter((item) => textOf(item.name) !== ""),
  );
  const nameField = spec.fields.find((field) => field.name === "name");
  const rest = spec.fields.filter((field) => field !== nameField);
  const rename = (index: number, typed: string) => {
    const { item } = rows[index]!;
    const free =
      typed.trim() !== "" && rows.every((row, other) => other === index || row.item.name !== typed);
    set(index, { typed, item: free ? { ...item, name: typed } : item });
  };
  return (
    <div className={styles.rows}>
      {rows.map(({ typed, item }, index) => {
        const name = `${label} ${index + 1}`;
        const refused = typed !== textOf(item.name);
        return (
          <div className={styles.card} key={index}>
            <div className={styles.caseHead}>
              <Input
                id={`${id}-${index}-name`}
                aria-label={`${name} name`}
                aria-invalid={refused || undefined}
                value={typed}
                placeholder={nameField?.placeholder || "Name"}
                spellCheck={false}
                onChange={(event) => rename(index, event.target.value)}
              />
              <RemoveButton label={`Remove ${name}`} onClick={() => remove(index)} />
            </div>
            {refused && <p className={styles.error}>Every case needs a name of its own.</p>}
            <Parts
              id={`${id}-${index}`}
              label={name}
              fields={rest}
              values={item}
              onChange={(part, next) => set(index, { typed, item: { ...item, [part]: next } })}
            />
          </div>
        );
      })}
      <AddButton onClick={() => add({ typed: "", item: { ...blank(spec.fields), name: "" } })}>
        {`Add to ${label.toLowerCase()}`}
      </AddButton>
    </div>
  );
}

function casesOf(value: unknown): Case[] {
  return itemsOf(value).map((item) => ({ typed: textOf(item.name), item }));
}
