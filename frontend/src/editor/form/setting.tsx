import { Braces } from "lucide-react";
import { type DragEvent, memo, useState } from "react";
import { useStore } from "zustand";

import { InlineCode } from "@/ui";

import { type ControlProps, PATH_DRAG, textOf } from "./control";
import { type FieldSpec, isExpression, isShown, type Widget } from "./fields";
import type { Form } from "./form-store";
import styles from "./form.module.css";
import { CodeInput } from "./widgets/code-input";
import { Control } from "./widgets";

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
  const [asExpression, setAsExpression] = useState(() => isExpression(value) && spec.computable);
  const noteId = `${id}-note`;
  const note = error ?? (hint ? spec.description : "");
  const link = { describedBy: note ? noteId : undefined, invalid: Boolean(error) };
  const composite = COMPOSITE.has(spec.widget);
  const title = nested ? spec.title : label;
  const toggle = () => {
    if (asExpression) onChange(fixedFrom(spec, value));
    else if (value !== undefined && value !== "") onChange(expressionFrom(value));
    setAsExpression(!asExpression);
  };
  const isText = spec.widget === "text" || spec.widget === "multiline";
  const drop = (expression: string) => {
    onChange(expression);
    setAsExpression(true);
  };
  return (
    <div
      className={styles.field}
      role={composite ? "group" : undefined}
      aria-label={composite ? label : undefined}
      data-widget={spec.widget}
      {...(spec.computable && !asExpression && !isText ? takesDrops(drop) : {})}
    >
      <div className={styles.head}>
        {composite ? (
          <span className={styles.label} id={`${id}-label`}>
            {title}
          </span>
        ) : (
          <label className={styles.label} htmlFor={id} id={`${id}-label`}>
            {title}
          </label>
        )}
        {spec.required && <span className={styles.required}>required</span>}
      </div>
      <div className={styles.control}>
        {asExpression ? (
          <CodeInput {...control} {...link} language="template" placeholder="{{ input.… }}" />
        ) : (
          <Control {...control} {...link} />
        )}
      </div>
      {spec.computable && (
        <ExpressionToggle describedBy={`${id}-label`} pressed={asExpression} onPress={toggle} />
      )}
      {note && (
        <p id={noteId} className={error ? styles.error : styles.hint}>
          <InlineCode text={note} />
        </p>
      )}
    </div>
  );
}

/** A field dragged onto a number, a switch or a choice makes it computed. Into text the browser itself writes it. */
function takesDrops(drop: (expression: string) => void) {
  return {
    onDragOver: (event: DragEvent) => {
      if (event.dataTransfer.types.includes(PATH_DRAG)) event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      const path = event.dataTransfer.getData(PATH_DRAG);
      if (!path) return;
      event.preventDefault();
      drop(`{{ ${path} }}`);
    },
  };
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

interface ToggleProps {
  describedBy: string;
  pressed: boolean;
  onPress: () => void;
}

/** Named by what it does and described by the field it does it to: fields alone go by their labels. */
function ExpressionToggle({ describedBy, pressed, onPress }: ToggleProps) {
  return (
    <button
      type="button"
      className={styles.toggle}
      aria-label="Computed"
      aria-describedby={describedBy}
      aria-pressed={pressed}
      title={pressed ? "Use a fixed value" : "Compute it by an expression"}
      onClick={onPress}
    >
      <Braces size={13} aria-hidden />
    </button>
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
