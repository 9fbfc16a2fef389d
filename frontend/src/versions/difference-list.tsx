import { useEffect, useRef } from "react";

import type { Differences } from "@/api";
import type { Drawable } from "@/canvas";
import { type Catalogue, nodeIndex } from "@/canvas/graph";

interface DifferenceListProps {
  found: Differences;
  drawing: Drawable;
  catalogue: Catalogue;
  selected: string | null;
  onSelect: (id: string | null) => void;
}

const ORDER = ["added", "removed", "changed", "moved"] as const;

/** Node by node and field by field, what differs; each leads to its place on the canvas. */
export function DifferenceList({ found, drawing, catalogue, selected, onSelect }: DifferenceListProps) {
  const labelOf = (id: string) => {
    const node = nodeIndex(drawing.nodes).get(id);
    return node ? catalogue.label(node) : id;
  };
  const nodes = ORDER.flatMap((change) => found.nodes.filter((node) => node.change === change));
  return (
    <>
      <h2>{summary(found)}</h2>
      <ul>
        {nodes.map((node) => (
          <li key={node.id} data-mark={node.change}>
            <Line chosen={node.id === selected} onChoose={() => onSelect(node.id)}>
              <em>{node.change}</em> {labelOf(node.id)}
            </Line>
            {node.fields.length > 0 && (
              <dl>
                {node.fields.map((field) => (
                  <div key={field.path}>
                    <dt>{field.path}</dt>
                    <dd>
                      <del>{shown(field.before)}</del>
                      <ins>{shown(field.after)}</ins>
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        ))}
        {found.edges.map((edge) => (
          <li key={`${edge.change} ${edge.id}`} data-mark={edge.change}>
            <p>
              <em>{edge.change}</em> {labelOf(edge.source)}
              {edge.handle === "out" ? "" : ` (${edge.handle})`} → {labelOf(edge.target)}
            </p>
          </li>
        ))}
      </ul>
      {found.annotations_changed && <p>Notes or groups differ.</p>}
    </>
  );
}

function Line({
  chosen,
  onChoose,
  children,
}: {
  chosen: boolean;
  onChoose: () => void;
  children: React.ReactNode;
}) {
  const line = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <button ref={line} type="button" aria-current={chosen || undefined} onClick={onChoose}>
      {children}
    </button>
  );
}

export function summary(found: Differences): string {
  if (found.is_same) return "No difference";
  const count = (change: string) => found.nodes.filter((node) => node.change === change).length;
  const parts = ORDER.flatMap((change) => (count(change) > 0 ? `${count(change)} ${change}` : []));
  if (found.edges.length > 0) parts.push(`${found.edges.length} connections`);
  if (found.is_layout_only)
    return parts.length > 0 ? `Only the layout: ${parts.join(", ")}` : "Only notes or groups";
  return parts.join(", ");
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "–";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
