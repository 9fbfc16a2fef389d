import type { Json, Sample, Samples } from "@/api";
import {
  type Catalogue,
  containersAround,
  edgesInto,
  exitOf,
  nodeIndex,
  reach,
  readingOrder,
} from "@/canvas/graph";

import type { Document } from "../document";
import type { Known } from "../form";

/** A node that leads straight into another, and what it last handed over. */
export interface Source {
  id: string;
  label: string;
  sample: Sample | undefined;
  /** Whether its last output left by an exit that leads here. */
  taken: boolean;
}

export function sourcesOf(document: Document, catalogue: Catalogue, samples: Samples, id: string): Source[] {
  const index = nodeIndex(document.nodes);
  const sources = new Map<string, Source>();
  for (const edge of edgesInto(document, id)) {
    const node = index.get(edge.source);
    if (!node) continue;
    const sample = samples.nodes[edge.source];
    const taken = sample !== undefined && sample.handle === exitOf(edge);
    const known = sources.get(edge.source);
    if (known) known.taken ||= taken;
    else sources.set(edge.source, { id: edge.source, label: catalogue.label(node), sample, taken });
  }
  return [...sources.values()];
}

/**
 * What came in, merged as the engine merges it: a single value as it is, objects into one, anything else as a list. Where
 * the last run took no way that leads here, as if it had.
 */
export function inputOf(sources: readonly Source[], start: Json | undefined): Json | undefined {
  if (sources.length === 0) return start;
  const seen = sources.filter((source) => source.sample);
  const taken = seen.filter((source) => source.taken);
  const values = (taken.length > 0 ? taken : seen).map((source) => source.sample!.value);
  if (values.length <= 1) return values[0];
  if (values.every(isObject)) return Object.assign({}, ...values) as Json;
  return values;
}

const isObject = (value: Json) => value !== null && typeof value === "object" && !Array.isArray(value);

/** All that stands before a node; of a node in containers, what stands before those too. */
function before(document: Document, id: string): Set<string> {
  const node = nodeIndex(document.nodes).get(id);
  const around = node ? containersAround(document, node) : [];
  return new Set([id, ...around].flatMap((each) => [...reach(document, each, "up")]));
}

/** What lies further up than the direct sources, nearest first. */
export function furtherUp(document: Document, id: string): string[] {
  const direct = new Set(edgesInto(document, id).map((edge) => edge.source));
  const above = before(document, id);
  return readingOrder(document)
    .filter((node) => above.has(node.id) && !direct.has(node.id))
    .map((node) => node.id)
    .reverse();
}

export function knownTo(
  document: Document,
  catalogue: Catalogue,
  samples: Samples | undefined,
  id: string,
): Known {
  const above = before(document, id);
  const nodes = document.nodes.filter((node) => above.has(node.id));
  const labels = Object.fromEntries(nodes.map((node) => [node.id, catalogue.label(node)]));
  const loop = loopOf(document, catalogue, samples, id);
  if (!samples) return { input: undefined, trigger: undefined, outputs: {}, labels, loop };
  const outputs: Record<string, Json> = {};
  for (const node of nodes) {
    const sample = samples.nodes[node.id];
    if (sample) outputs[node.id] = sample.value;
    else if (catalogue.of(node)?.is_trigger) outputs[node.id] = samples.payload;
  }
  const input = inputOf(sourcesOf(document, catalogue, samples, id), startOf(document, samples, id));
  return { input, trigger: samples.payload, outputs, labels, loop };
}

/** What a node begins with that nothing leads to: the payload, or in a container what its pass began with. */
export function startOf(document: Document, samples: Samples, id: string): Json | undefined {
  const parent = nodeIndex(document.nodes).get(id)?.parentId;
  return parent ? samples.passes[parent]?.value : samples.payload;
}

/** `item` and `index`, as far as the containers around a node have them: the innermost counts. */
function loopOf(
  document: Document,
  catalogue: Catalogue,
  samples: Samples | undefined,
  id: string,
): Known["loop"] {
  const index = nodeIndex(document.nodes);
  const node = index.get(id);
  const loop: Record<string, Json | undefined> = {};
  for (const container of node ? containersAround(document, node) : []) {
    const pass = samples?.passes[container];
    for (const root of catalogue.of(index.get(container)!)?.loop_roots ?? []) {
      loop[root] = root === "index" ? pass?.number : pass?.value;
    }
  }
  return loop;
}
