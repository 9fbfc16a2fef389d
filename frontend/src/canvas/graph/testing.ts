import { Catalogue } from "./catalogue";
import type { FlowEdge, FlowNode, Kind } from "./types";

/** A small cast for tests: one kind of every sort the rules tell apart. */
export function makeKind(kind: string, over: Partial<Kind> = {}): Kind {
  return {
    kind,
    title: kind[0]!.toUpperCase() + kind.slice(1).replaceAll("_", " "),
    category: "action",
    description: "",
    icon: "",
    keywords: [],
    aliases: [],
    is_trigger: false,
    is_container: false,
    loop_roots: [],
    repeat: "safe",
    handles: ["out"],
    dynamic_handles: null,
    can_fail: false,
    schema: { type: "object", properties: {} },
    ...over,
  };
}

export const testCatalogue = new Catalogue([
  makeKind("manual_trigger", {
    category: "trigger",
    is_trigger: true,
    aliases: [{ kind: "api_trigger", title: "API" }],
  }),
  makeKind("http_request", { can_fail: true, title: "HTTP request" }),
  makeKind("set", { category: "data" }),
  makeKind("if", { category: "flow", handles: ["true", "false"] }),
  makeKind("switch", {
    category: "flow",
    handles: ["default"],
    dynamic_handles: { setting: "cases", key: "name" },
  }),
  makeKind("for_each", {
    category: "flow",
    is_container: true,
    loop_roots: ["index", "item"],
    can_fail: true,
    title: "For each",
  }),
  makeKind("stop", { category: "flow", handles: [] }),
]);

export function makeNode(
  id: string,
  kind = "set",
  over: Record<string, unknown> = {},
  x = 0,
  y = 0,
): FlowNode {
  return { id, type: "action", position: { x, y }, data: { componentId: kind, ...over } };
}

export function makeEdge(source: string, target: string, handle: string | null = null): FlowEdge {
  return { id: `${source}.${handle ?? "out"}-${target}`, source, target, sourceHandle: handle };
}
