import type { Schema } from "@/canvas/graph";

/** What the renderer needs to know of one setting, read once from the JSON Schema of its node kind. */
export interface FieldSpec {
  name: string;
  title: string;
  description: string;
  placeholder: string;
  widget: Widget;
  /** With references and `null` alternatives taken out. */
  schema: Schema;
  required: boolean;
  /** Whether it may be worked out when the node runs; what is read before that may not. */
  computable: boolean;
  showIf: Record<string, unknown[]>;
  options: Option[];
  /** The settings inside: of a group, of each item of a list. */
  fields: FieldSpec[];
}

export interface Option {
  value: string | number | boolean;
  label: string;
}

const WIDGETS = [
  "text",
  "multiline",
  "number",
  "switch",
  "select",
  "key_values",
  "mapping",
  "conditions",
  "cases",
  "cron",
  "timezone",
  "date",
  "credential",
  "workflow",
  "duration",
  "expression",
  "code",
  "json",
  "group",
  "list",
  "texts",
  "choices",
] as const;

export type Widget = (typeof WIDGETS)[number];

/** Single values can be worked out as well as written; what has parts lets each part be so instead. */
const SINGLE: ReadonlySet<Widget> = new Set([
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

export function fieldsOf(schema: Schema, computable: boolean): FieldSpec[] {
  return inside(schema, { root: schema, computable });
}

interface Reading {
  root: Schema;
  computable: boolean;
}

function inside(schema: Schema, reading: Reading): FieldSpec[] {
  const whole = resolve(schema, reading.root);
  return Object.entries(whole.properties ?? {}).map(([name, property]) =>
    fieldOf(name, property, whole.required?.includes(name) ?? false, reading),
  );
}

function fieldOf(name: string, property: Schema, required: boolean, reading: Reading): FieldSpec {
  const { root, computable } = reading;
  const schema = resolve(property, root);
  const widget = widgetOf(schema);
  const inner = schema.type === "array" ? firstObject(schema.items, root) : schema;
  return {
    name,
    title: schema.title ?? humanised(name),
    description: schema.description ?? "",
    placeholder: schema["x-placeholder"] ?? "",
    widget,
    schema,
    required,
    computable: computable && SINGLE.has(widget),
    showIf: conditionsOf(schema["x-show-if"]),
    options: optionsOf(schema.type === "array" && schema.items ? schema.items : schema),
    fields: inner?.properties ? inside(inner, reading) : [],
  };
}

/** What an item is made of; where it may be one of several things, the first of them that has parts. */
function firstObject(items: Schema | undefined, root: Schema): Schema | undefined {
  if (!items) return undefined;
  const whole = resolve(items, root);
  return whole.properties ? whole : whole.anyOf?.find((choice) => choice.properties);
}

/** Follows `$ref`, folds `allOf`, and drops the `null` of an optional: what is left is the thing itself. */
export function resolve(schema: Schema, root: Schema): Schema {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1)!;
    return resolve({ ...root.$defs?.[name], ...without(schema, "$ref") }, root);
  }
  if (schema.allOf) {
    const { allOf, ...beside } = schema;
    return resolve(Object.assign({}, ...allOf.map((part) => resolve(part, root)), beside) as Schema, root);
  }
  const choices = schema.anyOf
    ?.map((choice) => resolve(choice, root))
    .filter((choice) => choice.type !== "null");
  if (!choices) return schema;
  const beside = without(schema, "anyOf");
  if (choices.length === 1) return { ...choices[0], ...beside };
  // A number, a switch or a list that may also be given as an expression: the plain form decides the widget.
  const exact = choices.find((choice) => choice.type !== "string" || choice.enum) ?? choices[0];
  return choices.some((choice) => choice.type === "string")
    ? { ...exact, ...beside }
    : { ...beside, anyOf: choices };
}

function without(schema: Schema, key: keyof Schema): Schema {
  const rest = { ...schema };
  delete rest[key];
  return rest;
}

function widgetOf(schema: Schema): Widget {
  const hint = WIDGETS.find((widget) => widget === schema["x-widget"]);
  if (hint) return hint;
  if (optionsOf(schema).length > 0) return "select";
  switch (schema.type) {
    case "boolean":
      return "switch";
    case "integer":
    case "number":
      return "number";
    case "string":
      return "text";
    case "array":
      return listWidget(schema);
    case "object":
      return schema.properties ? "group" : "mapping";
    default:
      return "json";
  }
}

function listWidget(schema: Schema): Widget {
  if (schema.items?.enum) return "choices";
  if (schema.items?.type === "string" || schema.items?.type === "integer") return "texts";
  return schema.items?.$ref || schema.items?.properties ? "list" : "json";
}

function optionsOf(schema: Schema): Option[] {
  const named = schema.oneOf ?? [];
  if (named.length > 0 && named.every((choice) => "const" in choice))
    return named.map((choice) => ({
      value: choice.const as Option["value"],
      label: choice.title ?? humanised(String(choice.const)),
    }));
  const labels = schema["x-labels"] as Record<string, string> | undefined;
  return (schema.enum ?? [])
    .filter((value) => value !== null)
    .map((value) => ({
      value: value as Option["value"],
      label: labels?.[String(value)] ?? optionLabel(String(value)),
    }));
}

/** GET stays GET; `not_equals` becomes "Not equals". */
function optionLabel(value: string): string {
  return value === value.toUpperCase() ? value : humanised(value);
}

export function humanised(name: string): string {
  const words = name.replace(/_/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function conditionsOf(hint: Record<string, unknown> | undefined): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(hint ?? {}).map(([name, wanted]) => [
      name,
      Array.isArray(wanted) ? (wanted as unknown[]) : [wanted],
    ]),
  );
}

/** Whether a field is to be seen, given the others' values; what is not filled in counts as its default. */
export function isShown(
  spec: FieldSpec,
  values: Readonly<Record<string, unknown>>,
  all: readonly FieldSpec[],
): boolean {
  return Object.entries(spec.showIf).every(([name, wanted]) => {
    const other = all.find((field) => field.name === name);
    const value = values[name] ?? other?.schema.default;
    return wanted.some((candidate) => candidate === value);
  });
}

/** A value that is worked out when the workflow runs. */
export function isExpression(value: unknown): value is string {
  return typeof value === "string" && value.includes("{{");
}

/** What a new item of a list starts with. */
export function blank(fields: readonly FieldSpec[]): Record<string, unknown> {
  const item: Record<string, unknown> = {};
  for (const { name, schema, options, required } of fields) {
    if (schema.default !== undefined && schema.default !== null) item[name] = structuredClone(schema.default);
    else if (required && options[0]) item[name] = options[0].value;
    else if (required && schema.type === "string") item[name] = "";
  }
  return item;
}
