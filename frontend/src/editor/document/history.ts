import { applyChanges, type Change, type Document } from "./changes";

/** One thing the person did: what it is called, and the changes it is made of. */
export interface Edit {
  label: string;
  changes: readonly Change[];
  /** Edits in a row with the same key are one step to undo (typing in one field, nudging one selection). */
  merge?: string;
}

interface Entry {
  label: string;
  changes: readonly Change[];
  inverse: readonly Change[];
  merge?: string;
}

export interface History {
  document: Document;
  past: readonly Entry[];
  future: readonly Entry[];
}

const LIMIT = 500;

export function startHistory(document: Document): History {
  return { document, past: [], future: [] };
}

export function commit(history: History, edit: Edit): History {
  const { document, inverse } = applyChanges(history.document, edit.changes);
  if (inverse.length === 0) return history;
  const last = history.past.at(-1);
  const entry: Entry = { ...edit, inverse };
  if (last && edit.merge !== undefined && last.merge === edit.merge && history.future.length === 0) {
    entry.changes = [...last.changes, ...edit.changes];
    entry.inverse = [...inverse, ...last.inverse];
    return { document, past: history.past.with(-1, entry), future: [] };
  }
  return { document, past: [...history.past.slice(1 - LIMIT), entry], future: [] };
}

export function undo(history: History): History {
  const entry = history.past.at(-1);
  if (!entry) return history;
  const { document } = applyChanges(history.document, entry.inverse);
  return { document, past: history.past.slice(0, -1), future: [entry, ...history.future] };
}

export function redo(history: History): History {
  const [entry, ...future] = history.future;
  if (!entry) return history;
  const { document } = applyChanges(history.document, entry.changes);
  // A redone step takes no more typing into it.
  return { document, past: [...history.past, { ...entry, merge: undefined }], future };
}
