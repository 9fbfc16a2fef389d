import type { Document } from "../document";

/** A draft kept in this browser while the server does not have it yet. */
export interface Keepsake {
  document: Document;
  /** What it was made from, for a merge with what others have done since. */
  base: Document;
  /** The revision it was made from. */
  revision: number;
}

const key = (workflowId: string) => `penstock.draft.${workflowId}`;

export function readKeepsake(workflowId: string): Keepsake | null {
  const text = localStorage.getItem(key(workflowId));
  if (text === null) return null;
  try {
    return JSON.parse(text) as Keepsake;
  } catch {
    // Half a write, or another program's: nothing can be made of it.
    localStorage.removeItem(key(workflowId));
    return null;
  }
}

/** False where the browser will not keep it (full, or forbidden): the person must then be told so. */
export function writeKeepsake(workflowId: string, keepsake: Keepsake): boolean {
  try {
    localStorage.setItem(key(workflowId), JSON.stringify(keepsake));
    return true;
  } catch {
    return false;
  }
}

export function dropKeepsake(workflowId: string) {
  localStorage.removeItem(key(workflowId));
}
