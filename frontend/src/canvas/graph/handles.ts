import type { FlowEdge, FlowNode, Kind } from "./types";

export const PLAIN = "out";
export const ERROR = "error";
/** Leads to the step that undoes the node; nobody leaves by it while all goes well. */
export const COMPENSATE = "compensate";

/** `null` and an absent handle both mean the node's plain exit. */
export function exitOf(edge: Pick<FlowEdge, "sourceHandle">): string {
  return edge.sourceHandle ?? PLAIN;
}

/** Written as the API prefers it: the plain exit has no name on the wire. */
export function wireHandle(handle: string): string | null {
  return handle === PLAIN ? null : handle;
}

/** A setting lies flat in `data`, or in `data.parameters` when a program wrote the node so. */
export function settingOf(node: FlowNode, name: string): unknown {
  const { parameters } = node.data;
  if (parameters && name in parameters) return parameters[name];
  return node.data[name];
}

export function takesErrorExit(node: FlowNode): boolean {
  return node.data.on_error === "error" || (!node.data.on_error && node.data.continue_on_error === true);
}

/** The exits of a node, in the order they are drawn: static and dynamic ones (switch cases), `error`, `compensate`. */
export function exitsOf(node: FlowNode, kind: Kind | undefined): string[] {
  if (!kind) return [PLAIN];
  const exits = kind.dynamic_handles
    ? [...dynamicExits(node, kind.dynamic_handles), ...kind.handles]
    : [...kind.handles];
  if (kind.can_fail && takesErrorExit(node)) exits.push(ERROR);
  if (!kind.is_trigger && node.data.compensate === true) exits.push(COMPENSATE);
  return [...new Set(exits)].filter((exit) => exit !== ERROR || !kind.can_fail || takesErrorExit(node));
}

function dynamicExits(node: FlowNode, source: { setting: string; key: string }): string[] {
  const list = settingOf(node, source.setting);
  if (!Array.isArray(list)) return [];
  return list
    .map((item: unknown) =>
      item && typeof item === "object" ? (item as Record<string, unknown>)[source.key] : item,
    )
    .filter((name): name is string => typeof name === "string" && name !== "");
}

/** The exit a chain goes on by: the first that is for nothing special. */
export function mainExit(node: FlowNode, kind: Kind | undefined): string | undefined {
  return exitsOf(node, kind).find((exit) => exit !== ERROR && exit !== COMPENSATE);
}
