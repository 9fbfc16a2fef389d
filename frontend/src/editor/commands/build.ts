import {
  CopyPlus,
  FoldVertical,
  Group,
  Palette,
  Plus,
  PowerOff,
  Spline,
  StickyNote,
  Trash2,
  Ungroup,
  Wand,
} from "lucide-react";

import { exitsOf, mainExit, nodeIndex } from "@/canvas/graph";

import {
  addNote,
  type Change,
  fold,
  groupNodes,
  groupsOf,
  outermost,
  recolour,
  setDisabled,
  setGroup,
  type Spot,
  ungroup,
} from "../document";
import { layOut, planOf, tidied } from "../drawing/tidy";
import type { Editor } from "../editor";
import { documentOf, onlyNode } from "../store";
import type { EditorCommand } from "./command";
import { copyable, copySelection, pasteText, removeSelection } from "./transfer";

export const chosenNodes = ({ store }: Editor) => store.getState().selection.nodes;
export const documentNow = ({ store }: Editor) => documentOf(store.getState());

export function chosenNode(editor: Editor) {
  const id = onlyNode(editor.store.getState());
  return id === null ? undefined : nodeIndex(documentNow(editor).nodes).get(id);
}

const anyNode = (editor: Editor) => chosenNodes(editor).size > 0;

export function anything(editor: Editor) {
  const { nodes, edges, notes } = editor.store.getState().selection;
  return nodes.size + edges.size + notes.size > 0;
}

/** A new note under the pointer, ready to be written. */
function writeNote(editor: Editor) {
  const { store, view, canvas } = editor;
  const added = addNote(documentNow(editor), view.toDrawing(view.spot));
  store.getState().edit(added);
  store.getState().select([], [], [added.id]);
  canvas.setState({ writing: added.id });
}

function recoloured(editor: Editor) {
  const { nodes, notes } = editor.store.getState().selection;
  return recolour(documentNow(editor), nodes, notes);
}

/** The changes that fold what is open, or unfold what is folded: the chosen containers, and the groups of chosen nodes. */
function foldable(editor: Editor): Change[] {
  const document = documentNow(editor);
  const groups = groupsOf(document, chosenNodes(editor)).flatMap(
    (group) => setGroup(document, group.id, { collapsed: !group.collapsed }).changes,
  );
  const containers = document.nodes
    .filter((node) => chosenNodes(editor).has(node.id) && editor.catalogue.of(node)?.is_container)
    .flatMap((node) => fold(document, node.id).changes);
  return containers.length > 0 ? containers : groups;
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
    when: copyable,
    run: (editor) => pasteText(editor, copySelection(editor)),
  },
  {
    id: "add-note",
    title: "Add note",
    group: "Build",
    icon: StickyNote,
    keywords: ["comment", "sticky", "markdown", "text"],
    keys: ["n"],
    scope: "canvas",
    menus: ["canvas"],
    run: writeNote,
  },
  {
    id: "group",
    title: "Group",
    group: "Build",
    icon: Group,
    keywords: ["frame", "fold", "together"],
    keys: ["g"],
    scope: "canvas",
    menus: ["node"],
    when: anyNode,
    run: (editor) => {
      const inside = outermost(documentNow(editor), [...chosenNodes(editor)]);
      editor.store.getState().edit(groupNodes(documentNow(editor), inside));
    },
  },
  {
    id: "ungroup",
    title: "Ungroup",
    group: "Build",
    icon: Ungroup,
    keys: ["Shift+g"],
    scope: "canvas",
    menus: ["node"],
    when: (editor) => groupsOf(documentNow(editor), chosenNodes(editor)).length > 0,
    run: (editor) => editor.store.getState().edit(ungroup(documentNow(editor), chosenNodes(editor))),
  },
  {
    id: "colour",
    title: "Next colour",
    group: "Build",
    icon: Palette,
    keywords: ["color", "note", "group", "paint"],
    keys: ["Shift+c"],
    scope: "canvas",
    menus: ["node"],
    when: (editor) => recoloured(editor).changes.length > 0,
    run: (editor) => editor.store.getState().edit(recoloured(editor)),
  },
  {
    id: "fold",
    title: "Fold or unfold",
    group: "Build",
    icon: FoldVertical,
    keywords: ["collapse", "expand", "group", "container"],
    keys: ["f"],
    scope: "canvas",
    menus: ["node"],
    when: (editor) => foldable(editor).length > 0,
    run: (editor) => editor.store.getState().edit({ label: "Fold", changes: foldable(editor) }),
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
