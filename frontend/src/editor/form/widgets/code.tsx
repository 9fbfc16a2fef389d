import { useState } from "react";

import { type ControlProps } from "../control";
import styles from "../form.module.css";
import { Preview } from "../preview";
import { CodeInput } from "./code-input";

export function ExpressionInput(props: ControlProps) {
  return <CodeInput {...props} language="python" />;
}

/** A program: it has no value before it runs. */
export function SourceInput(props: ControlProps) {
  return <CodeInput {...props} language={props.spec.schema["x-language"] ?? "python"} hasPreview={false} />;
}

/** JSON as typed; only what can be read is handed on, and what cannot is said at once. */
export function JsonInput(props: ControlProps) {
  const { value, onChange } = props;
  const [typed, setTyped] = useState({ text: sourceOf(value), value });
  const text = typed.value === value ? typed.text : sourceOf(value);
  const fault = faultIn(text);
  const type = (next: unknown) => {
    const source = typeof next === "string" ? next : "";
    const handed =
      source.trim() === "" ? undefined : faultIn(source) ? value : (JSON.parse(source) as unknown);
    setTyped({ text: source, value: handed });
    if (handed !== value) onChange(handed);
  };
  return (
    <>
      <CodeInput
        {...props}
        language="json"
        value={text}
        onChange={type}
        invalid={props.invalid || fault !== null}
        placeholder={props.spec.placeholder || '{ "key": "{{ input.value }}" }'}
      />
      <Preview id={props.id} value={value} />
      {fault && <p className={styles.error}>Not JSON yet: {fault}</p>}
    </>
  );
}

const sourceOf = (value: unknown) =>
  value === undefined || value === null ? "" : JSON.stringify(value, null, 2);

function faultIn(source: string): string | null {
  if (source.trim() === "") return null;
  try {
    JSON.parse(source);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
