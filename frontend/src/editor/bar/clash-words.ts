import { exitOf, PLAIN } from "@/canvas/graph";

import type { Clash } from "../saving/merge";

type LabelOf = (nodeId: string) => string;

/** What the two sides are at odds about. */
export function titleOf(clash: Clash, labelOf: LabelOf): string {
  switch (clash.part) {
    case "node":
      return (clash.mine ?? clash.theirs)?.data.label?.trim() || labelOf(clash.id);
    case "edge":
      return `A connection from ${labelOf((clash.mine ?? clash.theirs)!.source)}`;
    case "note":
      return "A note";
    case "group":
      return `The group “${(clash.mine ?? clash.theirs)!.title}”`;
    case "cover":
      return `The workflow's ${clash.id}`;
  }
}

/** What one side made of it, in a line. */
export function sideOf(clash: Clash, which: "mine" | "theirs", labelOf: LabelOf): string {
  if (clash[which] === null) return "Deleted";
  switch (clash.part) {
    case "node":
      return "Changed";
    case "edge": {
      const edge = clash[which]!;
      const exit = exitOf(edge) === PLAIN ? "" : ` (${exitOf(edge)})`;
      return `${labelOf(edge.source)}${exit} → ${labelOf(edge.target)}`;
    }
    case "note":
      return clash[which]!.text;
    case "group": {
      const { title, nodes } = clash[which]!;
      return `${title}: ${nodes.map(labelOf).join(", ")}`;
    }
    case "cover":
      return clash[which];
  }
}
