import { Braces } from "lucide-react";
import { memo, useState } from "react";
import { useStore } from "zustand";

import { Tooltip } from "@/ui";

import { type ControlProps, textOf } from "./control";
import { type FieldSpec, isExpression, isShown, type Widget } from "./fields";
import type { Form } from "./form-store";
import styles from "./form.module.css";
import { CodeInput } from "./widgets/code-input";
import { Control } from "./widgets";

/** Single values can be worked out as well as written; what has parts lets each part be so instead. */
const CAN_BE_EXPRESSION: ReadonlySet<Widget> = new Set([
  "text",
  "multiline",
  "number",
  "switch",
  "select",
  "duration",
  "workflow",
  "json",
  "texts",
]);

interface SettingProps {
  form: Form;
  spec: FieldSpec;
  all: readonly FieldSpec[];
  error: string | undefined;
}

/** One top-level setting; it hears of its own value and of whether it is to be seen, and of no keystroke elsewhere. */
export const Setting = memo(function Setting({ form, spec, all, error }: SettingProps) {
  const value = useStore(form.store, (state) => state.values[spec.name]);
  const shown = useStore(form.store, (state) => isShown(spec, state.values, all));
  if (!shown) return null;
  return (
    <FieldRow
      spec={spec}
      id={`setting-${spec.name}`}
      label={spec.title}
      value={value ?? spec.schema.default}
      onChange={(next) => form.set(spec.name, next)}
      error={error}
    />
  );
});

interface FieldRowProps extends Omit<ControlProps, "describedBy" | "invalid"> {
  error?: string;
  /** Inside a list: the title alone stands over the control, `label` still names it in full. */
  nested?: boolean;
  /** False where the description would only say again what stands beside it. */
  hint?: boolean;
}

export function FieldRow({ error, nested, hint = true, ...control }: FieldRowProps) {
  const { spec, id, label, value, onChange } = control;
  const [asExpression, setAsExpression] = useState(
    () => isExpression(value) && CAN_BE_EXPRESSION.has(spec.widget),
  );
  const noteId = `${id}-note`;
  const note = error ?? (hint ? spec.description : "");
  const link = { describedBy: note ? noteId : undefined, invalid: Boolean(error) };
  const composite = COMPOSITE.has(spec.widget);
  const toggle = () => {
    if (asExpression) onChange(fixedFrom(spec, value));
    else if (value !== undefined && value !== "") onChange(expressionFrom(value));
    setAsExpression(!asExpression);
  };
  return (
    <div
      className={styles.field}
      role={composite ? "group" : undefined}
      aria-label={composite ? label : undefined}
      data-widget={spec.widget}
    >
      <div className={styles.head}>
        {composite ? (
          <span className={styles.label}>{nested ? spec.title : label}</span>
        ) : (
          <label className={styles.label} htmlFor={id} id={`${id}-label`}>
            {nested ? spec.title : label}
          </label>
        )}
        {spec.required && <span className={styles.required}>required</span>}
        {CAN_BE_EXPRESSION.has(spec.widget) && (
          <ExpressionToggle label={label} pressed={asExpression} onPress={toggle} />
        )}
      </div>
      {asExpression ? (
        <CodeInput {...control} {...link} language="template" placeholder="{{ input.… }}" />
      ) : (
        <Control {...control} {...link} />
      )}
      {note && (
        <p id={noteId} className={error ? styles.error : styles.hint}>
          {note}
        </p>
      )}
    </div>
  );
}

const COMPOSITE: ReadonlySet<Widget> = new Set([
  "key_values",
  "mapping",
  "conditions",
  "cases",
  "group",
  "list",
  "choices",
]);

function ExpressionToggle({
  label,
  pressed,
  onPress,
}: {
  label: string;
  pressed: boolean;
  onPress: () => void;
}) {
  return (
    <Tooltip label={pressed ? "Use a fixed value" : "Work it out by an expression"}>
      <button
        type="button"
        className={styles.toggle}
        aria-label={`${label}: expression`}
        aria-pressed={pressed}
        onClick={onPress}
      >
        <Braces size={13} aria-hidden />
      </button>
    </Tooltip>
  );
}

/** 5 → `{{ 5 }}`; text stays text, into which `{{ … }}` can be written. */
export function expressionFrom(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "{{ True }}" : "{{ False }}";
  return `{{ ${JSON.stringify(value)} }}`;
}

/** The way back, as far as there is one: what only an expression can say becomes unset. */
export function fixedFrom(spec: FieldSpec, value: unknown): unknown {
  const text = textOf(value).trim();
  if (spec.widget === "text" || spec.widget === "multiline") return text;
  const inside = /^\{\{(.*)\}\}$/s.exec(text)?.[1]?.trim() ?? text;
  if (spec.widget === "switch") return inside === "True";
  if (spec.widget === "select") return spec.options.find((option) => String(option.value) === inside)?.value;
  if (spec.widget === "number" || spec.widget === "duration") return Number(inside) || undefined;
  return undefined;
}
