import type { Document, History } from "../document";
import { documentOf, type EditorStore } from "../store";

/** What can be undone outlives a reload of this tab. It belongs to the tab: another one has its own steps. */
interface Memory {
  document: string;
  past: History["past"];
  future: History["future"];
}

const keyOf = (workflowId: string) => `penstock.undo.${workflowId}`;

/** Brings back the steps of before the reload, and keeps those of now when the page goes; the result stops it. */
export function keepUndo(workflowId: string, store: EditorStore): () => void {
  recall(workflowId, store);
  const keep = () => remember(workflowId, store);
  window.addEventListener("pagehide", keep);
  return () => {
    window.removeEventListener("pagehide", keep);
    keep();
  };
}

/** Steps lead from one document to the next: on any other than the one they ended with they would mean nothing. */
function recall(workflowId: string, store: EditorStore) {
  const text = sessionStorage.getItem(keyOf(workflowId));
  if (text === null) return;
  const memory = JSON.parse(text) as Memory;
  const { history } = store.getState();
  if (history.past.length > 0 || memory.document !== nameOf(history.document)) return;
  store.setState({ history: { ...history, past: memory.past, future: memory.future } });
}

function remember(workflowId: string, store: EditorStore) {
  const { past, future } = store.getState().history;
  const document = nameOf(documentOf(store.getState()));
  // A tab may keep some megabytes; where the steps are larger, the oldest are let go of.
  for (let keep = past.length; keep > 0 || future.length > 0; keep = Math.floor(keep / 2)) {
    const memory: Memory = { document, past: past.slice(past.length - keep), future };
    try {
      sessionStorage.setItem(keyOf(workflowId), JSON.stringify(memory));
      return;
    } catch {
      if (keep === 0) break;
    }
  }
  sessionStorage.removeItem(keyOf(workflowId));
}

/** Short, and for all that matters different for different documents (FNV-1a of its JSON, and its length). */
function nameOf(document: Document): string {
  const text = JSON.stringify(document);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${text.length}.${(hash >>> 0).toString(36)}`;
}
