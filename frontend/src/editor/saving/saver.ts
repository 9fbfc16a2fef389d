import { createStore, type StoreApi } from "zustand";

import { asProblem, type ApiProblem, type Workflow, type WorkflowDraft } from "@/api";

import { fromWire, placeMissing, same, toWire } from "@/canvas/graph";
import { toast } from "@/ui";

import type { Document } from "../document";
import { documentOf, type EditorStore } from "../store";
import { type Clash, merge, type Merged, takeTheirs } from "./merge";
import { dropKeepsake, readKeepsake, writeKeepsake } from "./keepsake";

/** saved · saving (also: about to) · offline: kept in this browser · conflict: both changed one thing · refused: the server's reason. */
export type SaveState =
  | { status: "saved" }
  | { status: "saving" }
  | { status: "offline"; kept: boolean }
  | { status: "conflict"; theirs: Workflow; merged: Merged }
  | { status: "refused"; problem: ApiProblem };

export interface SaverDoor {
  save: (draft: WorkflowDraft) => Promise<Workflow>;
  read: () => Promise<Workflow>;
  /** What the server has now, for the rest of the app to know. */
  onSaved: (workflow: Workflow) => void;
}

/** What a program wrote without places is given some; that alone is no edit. */
export function documentFrom({ name, description, nodes, edges, notes, groups }: Workflow): Document {
  return fromWire(placeMissing({ name, description: description ?? "", nodes, edges, notes, groups }));
}

const nameOf = (workflow: Workflow) => workflow.updated_by?.email ?? "Somebody";

const QUIET_MS = 700;
const RETRY_MS = [2_000, 5_000, 10_000, 30_000];

/**
 * Brings every edit to the server, one request at a time, and never over somebody else's: each request names the
 * revision it was made from, and a newer one there is for the person to decide about.
 */
export class Saver {
  readonly state: StoreApi<SaveState> = createStore<SaveState>(() => ({ status: "saved" }));
  private saved: Document;
  private revision: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private current: Promise<void> | null = null;
  /** Forms hold keystrokes back for a moment; before a flush they are asked to hand them over. */
  private readonly pending = new Set<() => void>();

  constructor(
    private readonly workflow: Workflow,
    private readonly store: EditorStore,
    private readonly door: SaverDoor,
  ) {
    this.revision = workflow.draft_revision;
    this.saved = documentOf(store.getState());
  }

  /** Starts to watch; the result stops it. */
  start(): () => void {
    this.restore();
    const stop = this.store.subscribe((state, before) => {
      if (documentOf(state) !== documentOf(before)) this.noticed();
    });
    const online = () => void this.save();
    // A tab that is closed takes nothing along: what was typed last is kept here, and sent at the next visit.
    const hide = () => this.collect();
    window.addEventListener("online", online);
    window.addEventListener("pagehide", hide);
    return () => {
      stop();
      window.removeEventListener("online", online);
      window.removeEventListener("pagehide", hide);
      clearTimeout(this.timer);
      this.collect();
      if (this.dirty && this.state.getState().status !== "conflict") void this.save();
    };
  }

  register(handOver: () => void): () => void {
    this.pending.add(handOver);
    return () => this.pending.delete(handOver);
  }

  /** Resolves to whether the server now has what the editor shows. */
  async flush(): Promise<boolean> {
    this.collect();
    clearTimeout(this.timer);
    while (this.dirty && (await this.save()));
    return !this.dirty;
  }

  /** Another tab or person saved: theirs is brought together with what is unsaved here. */
  noticeServer(workflow: Workflow) {
    if (this.current || workflow.draft_revision <= this.revision) return;
    this.collect();
    this.meet(workflow);
    if (this.dirty && this.state.getState().status !== "conflict") this.noticed();
  }

  /** Theirs for these clashes, mine for all others; then the draft of both is saved. */
  async settleClashes(forTheirs: readonly Clash[]) {
    const state = this.state.getState();
    if (state.status !== "conflict") return;
    this.join(state.theirs, takeTheirs(state.merged.document, forTheirs), state.merged.renamed);
    this.set({ status: "saving" });
    await this.save();
  }

  /** The revision that what is here was made from. */
  get draftRevision(): number {
    return this.revision;
  }

  get dirty(): boolean {
    return documentOf(this.store.getState()) !== this.saved;
  }

  private collect() {
    for (const handOver of this.pending) handOver();
  }

  private set(state: SaveState) {
    this.state.setState(state, true);
  }

  /** Brings what the server has together with what is here; where both changed one thing, the person decides. */
  private meet(theirs: Workflow) {
    const now = documentOf(this.store.getState());
    const merged = merge(this.saved, now, documentFrom(theirs));
    if (merged.clashes.length > 0) {
      this.keep();
      this.set({ status: "conflict", theirs, merged });
      return;
    }
    this.join(theirs, merged.document, merged.renamed);
    if (!same(now, merged.document))
      toast(`${nameOf(theirs)} changed this draft: both changes are in it now`);
  }

  private join(theirs: Workflow, document: Document, renamed: boolean) {
    const arrived = documentFrom(theirs);
    const now = documentOf(this.store.getState());
    this.revision = theirs.draft_revision;
    // What is the same stays the same object: nothing is drawn again, and nothing counts as unsaved.
    const next = same(now, document) ? now : document;
    this.saved = same(next, arrived) ? next : arrived;
    const { load, replace } = this.store.getState();
    if (next !== now) (renamed ? load : replace)(next);
    if (!this.dirty) dropKeepsake(this.workflow.id);
  }

  /** What an earlier visit could not deliver comes back as unsaved work; made from an older draft, it is a conflict. */
  private restore() {
    const kept = readKeepsake(this.workflow.id);
    if (!kept) return;
    this.store.getState().load(kept.document);
    if (kept.revision !== this.revision) {
      this.saved = kept.base;
      this.meet(this.workflow);
    }
    if (this.dirty && this.state.getState().status !== "conflict") this.noticed();
  }

  private noticed() {
    const kept = this.keep();
    const { status } = this.state.getState();
    if (status === "conflict") return;
    if (status === "offline") this.set({ status: "offline", kept });
    else if (this.dirty) this.set({ status: "saving" });
    if (status !== "offline") this.later(QUIET_MS);
  }

  private keep(): boolean {
    return writeKeepsake(this.workflow.id, {
      document: documentOf(this.store.getState()),
      base: this.saved,
      revision: this.revision,
    });
  }

  private later(ms: number) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.save(), ms);
  }

  /** One request, unless one is under way: then that one. True when it went well. */
  private async save(): Promise<boolean> {
    if (this.current) {
      await this.current;
      return this.state.getState().status === "saving" || this.state.getState().status === "saved";
    }
    if (this.state.getState().status === "conflict") return false;
    if (!this.dirty) {
      this.settle();
      return true;
    }
    let well = false;
    this.current = this.attempt().then((done) => {
      well = done;
    });
    await this.current;
    this.current = null;
    return well;
  }

  private async attempt(): Promise<boolean> {
    const sent = documentOf(this.store.getState());
    try {
      const answer = await this.door.save({ ...draftOf(sent), draft_revision: this.revision });
      this.revision = answer.draft_revision;
      this.saved = sent;
      this.failures = 0;
      this.door.onSaved(answer);
      this.settle();
      return true;
    } catch (error) {
      return this.failed(asProblem(error));
    }
  }

  private settle() {
    if (this.dirty) {
      this.later(QUIET_MS);
      return;
    }
    dropKeepsake(this.workflow.id);
    this.set({ status: "saved" });
  }

  /** True when it may be tried again at once. */
  private async failed(problem: ApiProblem): Promise<boolean> {
    if (problem.status === 409) {
      try {
        this.meet(await this.door.read());
        if (this.state.getState().status === "conflict") return false;
        this.later(0);
        return true;
      } catch {
        // The server went away in between: told as such, and found out again at the next try.
      }
    }
    if (problem.status >= 400 && problem.status < 500 && problem.status !== 409) {
      this.set({ status: "refused", problem });
      return false;
    }
    this.set({ status: "offline", kept: this.keep() });
    this.later(RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]!);
    return false;
  }
}

function draftOf(document: Document): WorkflowDraft {
  return {
    // A node just added has settings still to be filled in; publishing is what asks for all of them.
    allow_incomplete: true,
    name: document.name,
    description: document.description,
    nodes: [...toWire(document).nodes],
    edges: [...document.edges],
    notes: [...document.notes],
    groups: [...document.groups],
  };
}
