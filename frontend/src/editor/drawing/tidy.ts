import { type Catalogue, exitsOf, heightFor, NODE_WIDTH, snap, type XY } from "@/canvas/graph";

import { type Document, type Edit, move } from "../document";

export interface Plan {
  nodes: { id: string; width: number; height: number }[];
  edges: { source: string; target: string }[];
}

export interface Place extends XY {
  id: string;
}

/** The whole graph, or only the chosen part of it when that is more than one node. */
export function planOf(document: Document, catalogue: Catalogue, chosen: ReadonlySet<string>): Plan {
  const wanted = chosen.size > 1 ? chosen : new Set(document.nodes.map((node) => node.id));
  return {
    nodes: document.nodes
      .filter((node) => wanted.has(node.id))
      .map((node) => ({
        id: node.id,
        width: NODE_WIDTH,
        height: heightFor(exitsOf(node, catalogue.of(node)).length),
      })),
    edges: document.edges
      .filter((edge) => wanted.has(edge.source) && wanted.has(edge.target))
      .map(({ source, target }) => ({ source, target })),
  };
}

/** The tidied part stays where it is: its top left corner does not move. */
export function tidied(document: Document, places: readonly Place[]): Edit {
  const before = document.nodes.filter((node) => places.some((place) => place.id === node.id));
  const corner = (points: readonly XY[]) => ({
    x: Math.min(...points.map((point) => point.x)),
    y: Math.min(...points.map((point) => point.y)),
  });
  const old = corner(before.map((node) => node.position ?? { x: 0, y: 0 }));
  const made = corner(places);
  const moves = places.map(
    ({ id, x, y }) => [id, snap({ x: x - made.x + old.x, y: y - made.y + old.y })] as const,
  );
  return { ...move(moves), label: "Tidy up" };
}

export function layOut(plan: Plan): Promise<Place[]> {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  return new Promise<Place[]>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Place[]>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(plan);
  }).finally(() => worker.terminate());
}
