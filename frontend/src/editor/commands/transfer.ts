import type { XY } from "@/canvas/graph";
import { toast } from "@/ui";

import { copyText, paste, readClipping, remove } from "../document";
import type { Editor } from "../editor";
import { documentOf } from "../store";

export function copySelection({ store }: Editor): string {
  const state = store.getState();
  return copyText(documentOf(state), state.selection.nodes);
}

/** Where the pointer is, on the drawing; undefined while it is not over the canvas. */
const underPointer = ({ view }: Editor) => (view.pointerAt ? view.toDrawing(view.pointerAt) : undefined);

/** Beside the pointer; where there is none, a step beside where it was copied. */
export function pasteHere(editor: Editor, text: string) {
  pasteText(editor, text, underPointer(editor));
}

/** The pasted part is selected, ready to be moved; text that is no graph is said to be none. */
export function pasteText({ store }: Editor, text: string, at?: XY) {
  const clipping = readClipping(text);
  if (!clipping) {
    toast("The clipboard holds no nodes");
    return;
  }
  const edit = paste(documentOf(store.getState()), clipping, at);
  store.getState().edit(edit, edit.ids);
  toast(edit.ids.length === 1 ? "1 node pasted" : `${edit.ids.length} nodes pasted`);
}

export function removeSelection({ store, catalogue }: Editor) {
  const { selection, edit } = store.getState();
  edit(remove(documentOf(store.getState()), catalogue, selection.nodes, selection.edges));
  toast(selection.nodes.size > 1 ? `${selection.nodes.size} nodes deleted` : "Deleted");
}
