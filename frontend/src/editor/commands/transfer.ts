import type { XY } from "@/canvas/graph";
import { toast } from "@/ui";

import { type Change, copyText, paste, readClipping, remove } from "../document";
import type { Editor } from "../editor";
import { documentOf } from "../store";

export function copySelection({ store }: Editor): string {
  const state = store.getState();
  return copyText(documentOf(state), state.selection.nodes, state.selection.notes);
}

/** Whether anything is chosen that can be copied or moved: edges go with their nodes. */
export function copyable({ store }: Editor): boolean {
  const { nodes, notes } = store.getState().selection;
  return nodes.size + notes.size > 0;
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
  store.getState().edit(edit);
  store.getState().select(edit.ids, [], edit.noteIds);
  const count = edit.ids.length;
  if (count > 0) toast(count === 1 ? "1 node pasted" : `${count} nodes pasted`);
}

export function removeSelection({ store, catalogue }: Editor) {
  const { selection, edit } = store.getState();
  const removal = remove(documentOf(store.getState()), catalogue, selection.nodes, selection.edges);
  const notes = Array.from(selection.notes, (id): Change => ({ type: "note.remove", id }));
  edit({ ...removal, changes: [...removal.changes, ...notes] });
  toast(selection.nodes.size > 1 ? `${selection.nodes.size} nodes deleted` : "Deleted");
}
