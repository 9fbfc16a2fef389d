import { type Catalogue, depthOf, nodeBoxes, snap, withInside, type XY } from "@/canvas/graph";

import { type Document, type Edit, move } from "../document";

export interface Level {
  /** The container whose content this is; it takes the size that its content wants. */
  within: string | null;
  nodes: { id: string; width: number; height: number }[];
  edges: { source: string; target: string }[];
}

/** What lies in containers comes before what they lie in. */
export type Plan = Level[];

export interface Place extends XY {
  id: string;
}

/** The whole graph, or only the chosen part of it when that is more than one node. */
export function planOf(document: Document, catalogue: Catalogue, chosen: ReadonlySet<string>): Plan {
  const all = new Set(document.nodes.map((node) => node.id));
  const wanted = chosen.size > 1 ? withInside(document, chosen) : all;
  const boxes = nodeBoxes(document, catalogue);
  const nodes = document.nodes.filter((node) => wanted.has(node.id));
  const parents = [...new Set(nodes.map((node) => node.parentId ?? null))];
  const depth = new Map(nodes.map((node) => [node.parentId ?? null, depthOf(document, node)]));
  return parents
    .sort((a, b) => depth.get(b)! - depth.get(a)!)
    .map((within) => {
      const here = nodes.filter((node) => (node.parentId ?? null) === within);
      const ids = new Set(here.map((node) => node.id));
      return {
        within,
        nodes: here.map(({ id }) => ({ id, width: boxes.get(id)!.width, height: boxes.get(id)!.height })),
        edges: document.edges
          .filter((edge) => ids.has(edge.source) && ids.has(edge.target))
          .map(({ source, target }) => ({ source, target })),
      };
    });
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
