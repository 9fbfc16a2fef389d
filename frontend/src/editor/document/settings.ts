import {
  type Catalogue,
  edgesFrom,
  exitOf,
  exitsOf,
  type FlowNode,
  nodeIndex,
  settingOf,
  wireHandle,
} from "@/canvas/graph";

import { applyChanges, type Change, type Document, type Patch } from "./changes";
import type { Edit } from "./history";

/** Where a setting lies already, it stays: flat in `data`, or in `data.parameters` when a program wrote the node so. */
function patchOf(node: FlowNode, name: string, value: unknown, own: boolean): Patch {
  const { parameters } = node.data;
  if (!parameters || !(name in parameters || own)) return { [name]: value };
  const next: Record<string, unknown> = { ...parameters, [name]: value };
  if (value === undefined) delete next[name];
  return { parameters: next };
}

/** Sets one setting; the edges of an exit that it renames follow the name, those of an exit it takes away go. */
export function setSetting(
  document: Document,
  catalogue: Catalogue,
  id: string,
  name: string,
  value: unknown,
): Edit {
  const node = nodeIndex(document.nodes).get(id);
  const kind = node && catalogue.of(node);
  const own = kind !== undefined && name in (kind.schema.properties ?? {});
  const edit = { label: "Change settings", merge: `set ${id} ${name}` };
  if (!node) return { ...edit, changes: [] };
  const changes: Change[] = [{ type: "node.set", id, patch: patchOf(node, name, value, own) }];
  const after = nodeIndex(applyChanges(document, changes).document.nodes).get(id)!;
  const before = new Set(exitsOf(node, kind));
  const left = new Set(exitsOf(after, kind));
  const renamed = renames(node, after, kind?.dynamic_handles ?? null);
  for (const edge of edgesFrom(document, id)) {
    const exit = exitOf(edge);
    if (left.has(exit) || !before.has(exit)) continue;
    changes.push({ type: "edge.remove", id: edge.id });
    const next = renamed.get(exit);
    if (next !== undefined && left.has(next))
      changes.push({ type: "edge.add", edge: { ...edge, sourceHandle: wireHandle(next) } });
  }
  return { ...edit, changes };
}

/** A case that keeps its place in a list of the same length has only been given another name. */
function renames(
  before: FlowNode,
  after: FlowNode,
  source: { setting: string; key: string } | null,
): ReadonlyMap<string, string> {
  if (!source) return new Map();
  const names = (node: FlowNode) => {
    const list = settingOf(node, source.setting);
    return Array.isArray(list)
      ? list.map((item: Record<string, unknown> | null) => String(item?.[source.key] ?? ""))
      : [];
  };
  const old = names(before);
  const made = names(after);
  return old.length === made.length ? new Map(old.map((name, index) => [name, made[index]!])) : new Map();
}
