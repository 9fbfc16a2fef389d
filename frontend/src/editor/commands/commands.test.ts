import { describe, expect, it } from "vitest";

import { createCanvasStore } from "@/canvas";
import { makeEdge, makeNode, testCatalogue } from "@/canvas/graph/testing";

import { View } from "../drawing/view";
import type { Editor } from "../editor";
import { createEditorStore, documentOf } from "../store";
import { canRun, commandById, commandFor, COMMANDS, copySelection, pasteText, shownKeys } from "./index";
import { nameOf } from "./keymap";

function open(): Editor {
  const store = createEditorStore({
    name: "Orders",
    description: "",
    nodes: [
      makeNode("start", "manual_trigger"),
      makeNode("a", "set", {}, 300),
      makeNode("b", "set", {}, 600),
    ],
    edges: [makeEdge("start", "a"), makeEdge("a", "b")],
    notes: [],
    groups: [],
  });
  const canvas = createCanvasStore({ catalogue: testCatalogue });
  // The parts that reach the network have no say in these commands.
  return { store, canvas, catalogue: testCatalogue, view: new View(store) } as unknown as Editor;
}

const press = (
  key: string,
  held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {},
) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});
const ON_CANVAS = { onCanvas: true, inField: false };
const IN_FIELD = { onCanvas: false, inField: true };
const hit = (editor: Editor, key: ReturnType<typeof press>, place = ON_CANVAS) =>
  commandFor(COMMANDS, editor, key, place)?.id;
const chosen = (editor: Editor) => [...editor.store.getState().selection.nodes];

describe("the list of commands", () => {
  it("has no id twice, and no key that two commands would answer at once", () => {
    expect(new Set(COMMANDS.map((command) => command.id)).size).toBe(COMMANDS.length);
    const editor = open();
    editor.store.getState().select(["a"]);
    const keys = COMMANDS.filter((command) => canRun(command, editor) && !command.native).flatMap(
      (command) => command.keys ?? [],
    );
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it("shows its keys as they are pressed", () => {
    expect(shownKeys(commandById("redo"))).toEqual(["Ctrl", "Shift", "Z"]);
    expect(shownKeys(commandById("delete"))).toEqual(["Del"]);
  });
});

describe("a key press", () => {
  it.each([
    [press("z", { ctrlKey: true }), "Mod+z"],
    [press("Z", { metaKey: true, shiftKey: true }), "Mod+Shift+z"],
    [press("?", { shiftKey: true }), "?"],
    [press("ArrowUp", { altKey: true }), "Alt+ArrowUp"],
  ])("%j is %s", (pressed, name) => {
    expect(nameOf(pressed)).toBe(name);
  });

  it("means letters in a field and commands on the canvas", () => {
    const editor = open();
    editor.store.getState().select(["a"]);
    expect(hit(editor, press("d"))).toBe("disable");
    expect(hit(editor, press("d"), IN_FIELD)).toBeUndefined();
    expect(hit(editor, press("Enter", { ctrlKey: true }), IN_FIELD)).toBe("run");
    expect(hit(editor, press("z", { ctrlKey: true }), IN_FIELD)).toBeUndefined();
  });

  it("of an arrow moves what is selected, and goes about when nothing is", () => {
    const editor = open();
    expect(hit(editor, press("ArrowRight"))).toBe("enter-right");
    commandById("enter-right").run(editor);
    expect(chosen(editor)).toEqual(["start"]);
    expect(hit(editor, press("ArrowRight"))).toBe("nudge-ArrowRight");
    expect(hit(editor, press("ArrowRight", { altKey: true }))).toBe("go-right");
    commandById("go-right").run(editor);
    expect(chosen(editor)).toEqual(["a"]);
  });
});

describe("commands", () => {
  it("walk through all nodes in reading order and round again", () => {
    const editor = open();
    const seen = [1, 2, 3, 4].map(() => {
      commandById("next").run(editor);
      return chosen(editor)[0];
    });
    expect(seen).toEqual(["start", "a", "b", "start"]);
  });

  it("delete, and bring back with one undo", () => {
    const editor = open();
    editor.store.getState().select(["a"]);
    const before = documentOf(editor.store.getState());
    commandById("delete").run(editor);
    expect(documentOf(editor.store.getState()).edges).toMatchObject([{ source: "start", target: "b" }]);
    expect(chosen(editor)).toEqual([]);
    commandById("undo").run(editor);
    expect(documentOf(editor.store.getState())).toEqual(before);
  });

  it("open the picker after the one selected node", () => {
    const editor = open();
    editor.store.getState().select(["b"]);
    commandById("add-node").run(editor);
    expect(editor.store.getState().overlay).toMatchObject({
      type: "add",
      spot: { at: "after", source: "b" },
    });
  });

  it("copy between editors as plain text, and select what arrived", () => {
    const [one, other] = [open(), open()];
    commandById("select-all").run(one);
    pasteText(other, copySelection(one));
    expect(documentOf(other.store.getState()).nodes).toHaveLength(6);
    expect(chosen(other)).toHaveLength(3);
  });

  it("are not to be had where they make no sense", () => {
    const editor = open();
    expect(canRun(commandById("undo"), editor)).toBe(false);
    expect(canRun(commandById("connect"), editor)).toBe(false);
    editor.store.getState().select(["a", "b"]);
    expect(canRun(commandById("connect"), editor)).toBe(false);
    expect(canRun(commandById("disable"), editor)).toBe(true);
  });
});
