import { type CanvasState, type CanvasStore, groupKey } from "@/canvas";

import { fold, rename, setGroup, setNote } from "../document";
import { documentOf, type EditorStore } from "../store";
import type { View } from "./view";

type Asked = Pick<CanvasState, "onRename" | "onFold" | "onWrite" | "onNote" | "onGroup">;

/** What the drawing itself lets be changed where it stands: names, folds and notes. */
export function annotating(store: EditorStore, canvas: CanvasStore, view: View): Asked {
  const now = () => documentOf(store.getState());
  const { edit } = store.getState();
  return {
    onRename: (id, label) => {
      canvas.setState({ renaming: null });
      const group = now().groups.find((candidate) => groupKey(candidate.id) === id);
      const title = label?.trim();
      if (group && title && title !== group.title) edit(setGroup(now(), group.id, { title }));
      if (!group && label !== null) edit(rename(now(), id, label));
      view.focus();
    },
    onFold: (id) => {
      const group = now().groups.find((candidate) => groupKey(candidate.id) === id);
      edit(group ? setGroup(now(), group.id, { collapsed: !group.collapsed }) : fold(now(), id));
    },
    onWrite: (id) => {
      canvas.setState({ writing: id });
      if (id === null) view.focus();
    },
    onNote: (id, patch) => {
      const note = now().notes.find((candidate) => candidate.id === id);
      if (note && patch.text === note.text) return;
      edit(setNote(now(), id, patch));
    },
    onGroup: (id, patch) => edit(setGroup(now(), id, patch)),
  };
}
