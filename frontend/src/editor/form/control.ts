import type { FieldSpec } from "./fields";

/** What every widget is given. `label` names the control in full, also inside lists: "Headers 2 value". */
export interface ControlProps {
  spec: FieldSpec;
  id: string;
  label: string;
  value: unknown;
  onChange: (value: unknown) => void;
  describedBy?: string;
  invalid?: boolean;
}

/** An emptied field that nothing fills by default is as if it had never been set. */
export function emptied(spec: FieldSpec, text: string): unknown {
  return text === "" && !spec.required && (spec.schema.default ?? null) === null ? undefined : text;
}

export const textOf = (value: unknown): string =>
  typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);

/** A path such as `input.total` that is dragged out of a value (src/runs/json-tree.tsx says it beside the text). */
export const PATH_DRAG = "application/x-penstock-path";
