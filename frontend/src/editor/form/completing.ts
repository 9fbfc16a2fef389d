import type { Json } from "@/api";

/** What an expression of one node can read, as far as it is known. */
export interface Known {
  input: Json | undefined;
  trigger: Json | undefined;
  /** By node id; of nodes that have run or are pinned. */
  outputs: Readonly<Record<string, Json>>;
  /** What stands before this node, by id, and what it is called. */
  labels: Readonly<Record<string, string>>;
  /** In loops: `item` and `index` of the pass that is shown. */
  loop: Readonly<Record<string, Json | undefined>>;
}

export const NOTHING_KNOWN: Known = {
  input: undefined,
  trigger: undefined,
  outputs: {},
  labels: {},
  loop: {},
};

export interface Suggestion {
  label: string;
  /** What is said beside it: a type, a value, a node's name. */
  detail: string;
  insert: string;
}

export interface Suggestions {
  /** Where in the text the part begins that a suggestion takes the place of. */
  from: number;
  options: Suggestion[];
}

export type Language = "template" | "python";

const NAME = String.raw`[A-Za-z_]\w*`;
const STEP = String.raw`(?:\.${NAME}|\[\d+\]|\["[^"]*"\])`;
const AFTER_DOT = new RegExp(String.raw`(?:^|[^\w.])(${NAME}${STEP}*)\.(\w*)$`);
const AT_START = new RegExp(String.raw`(?:^|[^\w.\])"'])(${NAME})?$`);
const STEPS = new RegExp(String.raw`\.(${NAME})|\[(\d+)\]|\["([^"]*)"\]`, "g");

const FUNCTIONS: Record<string, string> = {
  default: "the value, or another where there is none",
  len: "how many",
  sum: "all added up",
  min: "the smallest",
  max: "the largest",
  round: "a rounded number",
  sorted: "a list in order",
  str: "as text",
  int: "as a whole number",
  float: "as a number",
  now: "the time it runs at",
  json: "json.dumps, json.loads",
  re: "patterns",
  datetime: "times",
};

/** What may stand at the caret; null where no expression is being written. */
export function suggestionsAt(
  text: string,
  caret: number,
  language: Language,
  known: Known,
): Suggestions | null {
  const start = language === "python" ? 0 : openedAt(text, caret);
  if (start === null) return null;
  const source = text.slice(start, caret);
  const member = AFTER_DOT.exec(source);
  if (member) {
    const [, owner = "", part = ""] = member;
    const options = members(owner, known).filter((option) => fits(option.label, part));
    // The dot is written anew: a name that is none in Python stands in brackets, without it.
    return { from: caret - part.length - 1, options: options.map(withDot) };
  }
  const beginning = AT_START.exec(source);
  if (!beginning) return null;
  const part = beginning[1] ?? "";
  return { from: caret - part.length, options: starts(known).filter((option) => fits(option.label, part)) };
}

const withDot = (option: Suggestion): Suggestion =>
  option.insert.startsWith("[") ? option : { ...option, insert: `.${option.insert}` };

/** Where the `{{ …` begins in which the caret stands. */
function openedAt(text: string, caret: number): number | null {
  const opened = text.lastIndexOf("{{", caret - 1);
  if (opened < 0 || opened + 2 > caret || text.slice(opened, caret).includes("}}")) return null;
  return opened + 2;
}

const fits = (label: string, part: string) => label.toLowerCase().includes(part.toLowerCase());

function starts(known: Known): Suggestion[] {
  const roots = [
    suggestion("input", known.input, "what comes in"),
    suggestion("trigger", known.trigger, "what the run starts with"),
    ...Object.entries(known.loop).map(([root, value]) => suggestion(root, value, "of this pass")),
    { label: "nodes", detail: "outputs by node id", insert: "nodes" },
    { label: "run", detail: "this run", insert: "run" },
    { label: "workflow", detail: "this workflow", insert: "workflow" },
  ];
  const functions = Object.entries(FUNCTIONS).map(([label, detail]) => ({ label, detail, insert: label }));
  return [...roots, ...nodes(known, "nodes."), ...functions];
}

function nodes(known: Known, prefix: string): Suggestion[] {
  return Object.entries(known.labels).map(([id, label]) => ({
    label: id,
    detail: label === id ? "a node's output" : label,
    insert: IDENTIFIER.test(id) ? prefix + id : `${prefix.replace(/\.$/, "")}[${JSON.stringify(id)}]`,
  }));
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** The fields of what `owner` names, if it has been seen. */
function members(owner: string, known: Known): Suggestion[] {
  if (owner === "nodes") return nodes(known, "");
  const value = valueAt(owner, known);
  if (Array.isArray(value)) return value.length > 0 ? [suggestion("[0]", value[0], "the first")] : [];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).map(([key, member]) => ({
    ...suggestion(key, member, ""),
    insert: IDENTIFIER.test(key) ? key : `[${JSON.stringify(key)}]`,
  }));
}

export function valueAt(path: string, known: Known): Json | undefined {
  const root = /^\w+/.exec(path)![0];
  const keys = [...path.slice(root.length).matchAll(STEPS)].map(([, name, index, quoted]) =>
    index === undefined ? (name ?? quoted ?? "") : Number(index),
  );
  let value: Json | undefined;
  if (root === "nodes") value = known.outputs[String(keys.shift() ?? "")];
  else if (root === "input") value = known.input;
  else if (root === "trigger") value = known.trigger;
  else value = known.loop[root] ?? known.outputs[root];
  for (const key of keys) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Record<string | number, Json>)[key];
  }
  return value;
}

function suggestion(label: string, value: Json | undefined, otherwise: string): Suggestion {
  return { label, detail: value === undefined ? otherwise : glance(value), insert: label };
}

/** A value in a few words, for the margin. */
export function glance(value: Json): string {
  if (Array.isArray(value)) return value.length === 1 ? "list of 1" : `list of ${value.length}`;
  if (value !== null && typeof value === "object") return `object, ${Object.keys(value).length} fields`;
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
