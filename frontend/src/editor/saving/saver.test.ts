import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiProblem, type Workflow, type WorkflowDraft } from "@/api";
import { makeNode } from "@/canvas/graph/testing";

import { createEditorStore, documentOf, type EditorStore } from "../store";
import { readKeepsake } from "./keepsake";
import { documentFrom, Saver } from "./saver";

const base = {
  id: "fl_1",
  name: "Orders",
  description: "",
  nodes: [],
  edges: [],
  notes: [],
  groups: [],
  draft_revision: 4,
};
const workflow = base as unknown as Workflow;

function refused(status: number, code: string) {
  return new ApiProblem({ type: "about:blank", title: code, status, code });
}

let store: EditorStore;
let saver: Saver;
let server: Workflow;
const save = vi.fn<(draft: WorkflowDraft) => Promise<Workflow>>();
const onSaved = vi.fn<(workflow: Workflow) => void>();

/** A server that does what ours does with revisions. */
async function honest(draft: WorkflowDraft): Promise<Workflow> {
  if (draft.draft_revision !== server.draft_revision) throw refused(409, "draft_conflict");
  server = { ...server, ...draft, draft_revision: server.draft_revision + 1 } as Workflow;
  return server;
}

function open(from: Workflow = workflow) {
  store = createEditorStore(documentFrom(from));
  saver = new Saver(from, store, { save, read: () => Promise.resolve(server), onSaved });
  return saver.start();
}

const rename = (name: string) =>
  store.getState().edit({ label: "Rename", changes: [{ type: "cover.set", patch: { name } }] });
const status = () => saver.state.getState().status;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  server = workflow;
  save.mockReset().mockImplementation(honest);
  onSaved.mockReset();
});
afterEach(() => void vi.useRealTimers());

describe("autosave", () => {
  it("sends what was left alone for a moment, once, with the revision it was made from", async () => {
    open();
    rename("A");
    rename("B");
    expect(status()).toBe("saving");
    await vi.runAllTimersAsync();
    expect(save).toHaveBeenCalledTimes(1);
    expect(save.mock.calls[0]![0]).toMatchObject({ name: "B", draft_revision: 4 });
    expect(status()).toBe("saved");
    expect(readKeepsake("fl_1")).toBeNull();
  });

  it("sends again what came in while a request was under way", async () => {
    open();
    rename("A");
    const flushed = saver.flush();
    rename("B");
    expect(await flushed).toBe(true);
    expect(server.name).toBe("B");
    expect(server.draft_revision).toBe(6);
  });

  it("asks the forms for their last keystrokes before a flush", async () => {
    open();
    saver.register(() => rename("from the form"));
    await saver.flush();
    expect(server.name).toBe("from the form");
  });
});

describe("offline", () => {
  it("keeps the draft here, tries again, and then drops the copy", async () => {
    open();
    save.mockRejectedValueOnce(refused(0, "unreachable"));
    rename("A");
    await vi.advanceTimersByTimeAsync(700);
    expect(saver.state.getState()).toEqual({ status: "offline", kept: true });
    expect(readKeepsake("fl_1")?.document.name).toBe("A");
    await vi.runAllTimersAsync();
    expect(status()).toBe("saved");
    expect(server.name).toBe("A");
  });

  it("brings back what an earlier visit could not deliver", async () => {
    save.mockRejectedValue(refused(0, "unreachable"));
    const stop = open();
    rename("kept");
    await vi.advanceTimersByTimeAsync(700);
    stop();
    await vi.advanceTimersByTimeAsync(1);
    save.mockReset().mockImplementation(honest);
    open();
    expect(documentOf(store.getState()).name).toBe("kept");
    await vi.runAllTimersAsync();
    expect(server.name).toBe("kept");
  });
});

describe("a tab that is closed", () => {
  it("keeps what was typed last", () => {
    open();
    saver.register(() => rename("half a w"));
    window.dispatchEvent(new Event("pagehide"));
    expect(readKeepsake("fl_1")?.document.name).toBe("half a w");
  });
});

describe("two drafts", () => {
  const elsewhere = (name: string) => {
    server = { ...server, name, draft_revision: server.draft_revision + 1 };
  };

  it("never overwrite each other unasked", async () => {
    open();
    elsewhere("theirs");
    rename("mine");
    await vi.runAllTimersAsync();
    expect(status()).toBe("conflict");
    expect(server.name).toBe("theirs");
    expect(await saver.flush()).toBe(false);
  });

  it("leave the choice: mine", async () => {
    open();
    elsewhere("theirs");
    rename("mine");
    await vi.runAllTimersAsync();
    await saver.settleClashes([]);
    expect(server.name).toBe("mine");
    expect(status()).toBe("saved");
  });

  it("leave the choice: theirs", async () => {
    open();
    elsewhere("theirs");
    rename("mine");
    await vi.runAllTimersAsync();
    const state = saver.state.getState();
    await saver.settleClashes(state.status === "conflict" ? state.merged.clashes : []);
    expect(documentOf(store.getState()).name).toBe("theirs");
    expect(status()).toBe("saved");
  });

  it("become one, unasked, when they are of different things", async () => {
    open();
    server = { ...server, nodes: [makeNode("theirs")], draft_revision: server.draft_revision + 1 };
    rename("mine");
    await vi.runAllTimersAsync();
    expect(status()).toBe("saved");
    expect([server.name, server.nodes.map((node) => node.id)]).toEqual(["mine", ["theirs"]]);
    expect(documentOf(store.getState()).nodes).toHaveLength(1);
    store.getState().undo();
    expect(documentOf(store.getState())).toMatchObject({ name: "Orders", nodes: [{ id: "theirs" }] });
  });

  it("become one also when mine was kept here from an earlier visit", async () => {
    save.mockRejectedValue(refused(0, "unreachable"));
    const stop = open();
    rename("kept");
    await vi.advanceTimersByTimeAsync(700);
    stop();
    await vi.advanceTimersByTimeAsync(1);
    save.mockReset().mockImplementation(honest);
    server = { ...server, nodes: [makeNode("theirs")], draft_revision: server.draft_revision + 1 };
    open(server);
    await vi.runAllTimersAsync();
    expect([server.name, server.nodes.length, status()]).toEqual(["kept", 1, "saved"]);
  });

  it("are one again when nothing was unsaved here", () => {
    open();
    elsewhere("theirs");
    saver.noticeServer(server);
    expect(documentOf(store.getState()).name).toBe("theirs");
    expect(status()).toBe("saved");
  });

  it("are no conflict when only the revision moved", () => {
    open();
    const before = documentOf(store.getState());
    saver.noticeServer({ ...workflow, draft_revision: 9 });
    expect(documentOf(store.getState())).toBe(before);
    expect(saver.dirty).toBe(false);
  });
});

describe("a draft the server refuses", () => {
  it("says why, is kept here, and is sent again after the next edit", async () => {
    open();
    save.mockRejectedValueOnce(refused(422, "broken_graph"));
    store.getState().edit({ label: "Add", changes: [{ type: "node.add", node: makeNode("a") }] });
    await vi.advanceTimersByTimeAsync(700);
    expect(status()).toBe("refused");
    expect(readKeepsake("fl_1")?.document.nodes).toHaveLength(1);
    rename("again");
    await vi.runAllTimersAsync();
    expect(status()).toBe("saved");
  });
});
