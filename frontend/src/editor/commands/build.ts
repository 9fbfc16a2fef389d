import { CopyPlus, Plus, PowerOff, Spline, Trash2, Wand } from "lucide-react";

import { exitsOf, mainExit, nodeIndex } from "@/canvas/graph";

import { setDisabled, type Spot } from "../document";
import { layOut, planOf, tidied } from "../drawing/tidy";
import type { Editor } from "../editor";
import { documentOf, onlyNode } from "../store";
import type { EditorCommand } from "./command";
import { copySelection, pasteText, removeSelection } from "./transfer";

export const chosenNodes = ({ store }: Editor) => store.getState().selection.nodes;
export const documentNow = ({ store }: Editor) => documentOf(store.getState());

export function chosenNode(editor: Editor) {
  const id = onlyNode(editor.store.getState());
  return id === null ? undefined : nodeIndex(documentNow(editor).nodes).get(id);
}

const anyNode = (editor: Editor) => chosenNodes(editor).size > 0;

function anything(editor: Editor) {
  const { selection } = editor.store.getState();
  return selection.nodes.size + selection.edges.size > 0;
}

/** After the one selected node, by the exit its chain goes on by; undefined where there is no such way on. */
function spotAfterChosen(editor: Editor): Spot | undefined {
  const node = chosenNode(editor);
  const exit = node && mainExit(node, editor.catalogue.of(node));
  return node && exit ? { at: "after", source: node.id, handle: exit } : undefined;
}

function openPicker(editor: Editor) {
  const { view, store } = editor;
  const after = spotAfterChosen(editor);
  const node = chosenNode(editor);
  store.getState().open({
    type: "add",
    spot: after ?? { at: "point", point: view.toDrawing(view.spot) },
    at: after && node ? view.besideNode(node.id) : view.spot,
  });
}

async function tidyUp(editor: Editor) {
  const before = documentNow(editor);
  const places = await layOut(planOf(before, editor.catalogue, chosenNodes(editor)));
  const now = documentNow(editor);
  // What was deleted while the worker thought has no place to go to.
  editor.store.getState().edit(
    tidied(
      now,
      places.filter((place) => nodeIndex(now.nodes).has(place.id)),
    ),
  );
  editor.view.fit();
}

export const buildCommands: EditorCommand[] = [
  {
    id: "add-node",
    title: "Add node",
    group: "Build",
    icon: Plus,
    keywords: ["insert", "new", "picker"],
    keys: ["Tab", "a", "+"],
    scope: "canvas",
    menus: ["canvas"],
    run: openPicker,
  },
  {
    id: "connect",
    title: "Connect to another node",
    group: "Build",
    icon: Spline,
    keywords: ["wire", "edge", "link"],
    keys: ["c"],
    scope: "canvas",
    menus: ["node"],
    when: (editor) => {
      const node = chosenNode(editor);
      return node !== undefined && exitsOf(node, editor.catalogue.of(node)).length > 0;
    },
    run: (editor) => {
      const source = chosenNode(editor)!.id;
      editor.store.getState().open({ type: "connect", source, at: editor.view.besideNode(source) });
    },
  },
  {
    id: "insert-on-edge",
    title: "Insert a node on the connection",
    group: "Build",
    keys: ["i"],
    scope: "canvas",
    menus: ["edge"],
    when: ({ store }) => store.getState().selection.edges.size === 1,
    run: ({ store, view }) => {
      const [edge] = store.getState().selection.edges;
      store.getState().open({ type: "add", spot: { at: "edge", edge: edge! }, at: view.spot });
    },
  },
  {
    id: "delete",
    title: "Delete",
    group: "Edit",
    icon: Trash2,
    keywords: ["remove"],
    keys: ["Delete", "Backspace"],
    scope: "canvas",
    menus: ["node", "edge"],
    when: anything,
    run: removeSelection,
  },
  {
    id: "disable",
    title: "Disable or enable",
    group: "Edit",
    icon: PowerOff,
    keywords: ["pass through", "skip", "off"],
    keys: ["d"],
    scope: "canvas",
    menus: ["node"],
    when: anyNode,
    run: (editor) => editor.store.getState().edit(setDisabled(documentNow(editor), [...chosenNodes(editor)])),
  },
  {
    id: "duplicate",
    title: "Duplicate",
    group: "Edit",
    icon: CopyPlus,
    keywords: ["copy", "clone"],
    keys: ["Mod+d"],
    scope: "editor",
    menus: ["node"],
    when: anyNode,
    run: (editor) => pasteText(editor, copySelection(editor)),
  },
  {
    id: "tidy",
    title: "Tidy up",
    group: "Build",
    icon: Wand,
    keywords: ["layout", "arrange", "align"],
    keys: ["Shift+t"],
    scope: "canvas",
    menus: ["canvas", "node"],
    when: (editor) => documentNow(editor).nodes.length > 1,
    run: (editor) => void tidyUp(editor),
  },
];
