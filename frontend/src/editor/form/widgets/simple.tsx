import { useState } from "react";

import { Input, Select, TextArea } from "@/ui";

import { type ControlProps, emptied, textOf } from "../control";
import styles from "../form.module.css";
import { Preview, Underline, useFault, useScrolled } from "../preview";
import previewStyles from "../preview.module.css";
import { TemplateInput } from "./template-input";

export const aria = ({ describedBy, invalid }: ControlProps) => ({
  "aria-describedby": describedBy,
  "aria-invalid": invalid || undefined,
});

export function TextInput(props: ControlProps) {
  const { id, label, spec, value, onChange } = props;
  const field = {
    id,
    "aria-label": label,
    ...aria(props),
    value: textOf(value),
    placeholder: spec.placeholder,
    maxLength: spec.schema.maxLength,
  };
  const type = (text: string) => onChange(emptied(spec, text));
  if (spec.computable) return <TemplateInput {...field} onChange={type} />;
  return (
    <Input {...field} spellCheck={false} autoComplete="off" onChange={(event) => type(event.target.value)} />
  );
}

export function MultilineInput(props: ControlProps) {
  const { id, label, spec, value, onChange } = props;
  const text = textOf(value);
  const fault = useFault(id, text);
  const { scrolled, onScroll } = useScrolled();
  return (
    <>
      <div className={previewStyles.underlined}>
        <TextArea
          id={id}
          aria-label={label}
          {...aria(props)}
          value={text}
          placeholder={spec.placeholder}
          rows={3}
          onScroll={onScroll}
          onChange={(event) => onChange(emptied(spec, event.target.value))}
        />
        {fault && <Underline text={text} fault={fault} scrolled={scrolled} />}
      </div>
      {spec.computable && <Preview id={id} value={textOf(value)} />}
    </>
  );
}

/** Keeps the text as typed ("1.", "-"): what is no number yet is not handed on. */
export function NumberInput(props: ControlProps) {
  const { id, label, spec, value, onChange } = props;
  const [typed, setTyped] = useState<{ text: string; value: unknown }>({ text: textOf(value), value });
  const text = typed.value === value ? typed.text : textOf(value);
  const type = (next: string) => {
    const number = next.trim() === "" ? undefined : Number(next);
    const handed = Number.isNaN(number) ? value : number;
    setTyped({ text: next, value: handed });
    if (handed !== value) onChange(handed);
  };
  return (
    <Input
      id={id}
      aria-label={label}
      {...aria(props)}
      aria-invalid={props.invalid || (text.trim() !== "" && Number.isNaN(Number(text))) || undefined}
      inputMode={spec.schema.type === "integer" ? "numeric" : "decimal"}
      value={text}
      placeholder={spec.placeholder}
      autoComplete="off"
      onChange={(event) => type(event.target.value)}
    />
  );
}

export function SwitchInput(props: ControlProps) {
  const { id, label, value, onChange } = props;
  return (
    <span className={styles.switchRow}>
      <input
        type="checkbox"
        role="switch"
        className={styles.switch}
        id={id}
        aria-label={label}
        {...aria(props)}
        checked={value === true}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span aria-hidden>{value === true ? "On" : "Off"}</span>
    </span>
  );
}

export function SelectInput(props: ControlProps) {
  const { id, label, spec, value, onChange } = props;
  const chosen = spec.options.findIndex((option) => option.value === value);
  return (
    <Select
      id={id}
      aria-label={label}
      {...aria(props)}
      value={chosen < 0 ? "" : String(spec.options[chosen]!.value)}
      onChange={(event) =>
        onChange(spec.options.find((option) => String(option.value) === event.target.value)?.value)
      }
    >
      {(chosen < 0 || !spec.required) && spec.schema.default === undefined && <option value="">–</option>}
      {spec.options.map((option) => (
        <option key={String(option.value)} value={String(option.value)}>
          {option.label}
        </option>
      ))}
    </Select>
  );
}

/** Several of a few: a box to tick for each. */
export function ChoicesInput({ id, spec, value, onChange }: ControlProps) {
  const chosen = new Set(Array.isArray(value) ? (value as unknown[]) : []);
  const toggle = (option: unknown, on: boolean) => {
    if (on) chosen.add(option);
    else chosen.delete(option);
    onChange(spec.options.map((candidate) => candidate.value).filter((candidate) => chosen.has(candidate)));
  };
  return (
    <div className={styles.choices} id={id}>
      {spec.options.map((option) => (
        <label key={String(option.value)} className={styles.choice}>
          <input
            type="checkbox"
            checked={chosen.has(option.value)}
            onChange={(event) => toggle(option.value, event.target.checked)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}

/** A list of short texts: one in each line. */
export function TextsInput(props: ControlProps) {
  const { id, label, spec, value, onChange } = props;
  const lines = Array.isArray(value) ? (value as unknown[]).map(textOf) : [];
  const [typed, setTyped] = useState<{ text: string; value: unknown }>({ text: lines.join("\n"), value });
  const numeric = spec.schema.items?.type === "integer" || spec.schema.items?.type === "number";
  const type = (text: string) => {
    const items = text.split("\n").filter((line) => line.trim() !== "");
    const next = numeric ? items.map(Number).filter((item) => !Number.isNaN(item)) : items;
    setTyped({ text, value: next });
    onChange(next);
  };
  return (
    <TextArea
      id={id}
      aria-label={label}
      {...aria(props)}
      value={typed.value === value ? typed.text : lines.join("\n")}
      placeholder={spec.placeholder || "One per line"}
      rows={3}
      onChange={(event) => type(event.target.value)}
    />
  );
}
