import type { Json, Sample, Samples } from "@/api";
import { type Catalogue, edgesInto, exitOf, nodeIndex, reach, readingOrder } from "@/canvas/graph";

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
export function inputOf(sources: readonly Source[], payload: Json): Json | undefined {
  if (sources.length === 0) return payload;
  const seen = sources.filter((source) => source.sample);
  const taken = seen.filter((source) => source.taken);
  const values = (taken.length > 0 ? taken : seen).map((source) => source.sample!.value);
  if (values.length <= 1) return values[0];
  if (values.every(isObject)) return Object.assign({}, ...values) as Json;
  return values;
}

const isObject = (value: Json) => value !== null && typeof value === "object" && !Array.isArray(value);

/** What lies further up than the direct sources, nearest first. */
export function furtherUp(document: Document, id: string): string[] {
  const direct = new Set(edgesInto(document, id).map((edge) => edge.source));
  const above = reach(document, id, "up");
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
  const above = reach(document, id, "up");
  const before = document.nodes.filter((node) => above.has(node.id));
  const labels = Object.fromEntries(before.map((node) => [node.id, catalogue.label(node)]));
  if (!samples) return { input: undefined, trigger: undefined, outputs: {}, labels };
  const outputs: Record<string, Json> = {};
  for (const node of before) {
    const sample = samples.nodes[node.id];
    if (sample) outputs[node.id] = sample.value;
    else if (catalogue.of(node)?.is_trigger) outputs[node.id] = samples.payload;
  }
  const input = inputOf(sourcesOf(document, catalogue, samples, id), samples.payload);
  return { input, trigger: samples.payload, outputs, labels };
}
