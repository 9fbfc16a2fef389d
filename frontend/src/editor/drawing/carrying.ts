import { type Drawn } from "@/canvas";
import { containerAt, nodeIndex, withInside } from "@/canvas/graph";
import { toast } from "@/ui";

import { move, moveInto, moveNotes, outermost } from "../document";
import type { Editor } from "../editor";
import { documentOf } from "../store";

/** Dragging things about: what they would be dropped into, and the one edit that a drop is. */
export function carryingBy(editor: Editor) {
  const { store, canvas, drawing, catalogue } = editor;
  const now = () => documentOf(store.getState());
  const hasContainers = () => now().nodes.some((node) => catalogue.of(node)?.is_container);

  /** The container under the middle of a dragged node; what is carried along stays in its own. */
  const targetOf = (drawn: Drawn) => {
    const { x, y } =
      drawing.store.getState().nodes.find((node) => node.id === drawn.id)?.position ?? drawn.position;
    const middle = { x: x + (drawn.width ?? 0) / 2, y: y + (drawn.height ?? 0) / 2 };
    return containerAt(now(), catalogue, middle, withInside(now(), [drawn.id])) ?? null;
  };

  const over = (dragged: readonly Drawn[]) => {
    if (!hasContainers()) return;
    const [first] = dragged.filter((drawn) => drawn.type === "step");
    canvas.setState({ dropInto: (first && targetOf(first)?.id) ?? null });
  };

  /** The changes by which what was dropped over another container than its own goes into that. */
  const adopted = (dragged: readonly Drawn[]) => {
    if (!hasContainers()) return [];
    const index = nodeIndex(now().nodes);
    const steps = dragged.filter((drawn) => drawn.type === "step");
    const free = new Set(
      outermost(
        now(),
        steps.map((drawn) => drawn.id),
      ),
    );
    return steps.flatMap((drawn) => {
      const target = free.has(drawn.id) ? targetOf(drawn) : undefined;
      if (target === undefined || (index.get(drawn.id)?.parentId ?? null) === (target?.id ?? null)) return [];
      if (target && catalogue.isTrigger(index.get(drawn.id)!)) {
        toast("A trigger starts the whole workflow, so it stays outside of containers");
        return [];
      }
      return moveInto(now(), catalogue, [drawn.id], target?.id ?? null);
    });
  };

  const drop = (dragged: readonly Drawn[]) => {
    const changes = adopted(dragged);
    const { nodes, notes } = drawing.drop(dragged.map((drawn) => drawn.id));
    canvas.setState({ dropInto: null });
    store.getState().edit({
      label: nodes.length + notes.length === 1 ? "Move" : "Move all of these",
      changes: [...changes, ...move(nodes).changes, ...moveNotes(now(), notes)],
    });
  };

  return { over, drop };
}
