import { Keyboard, Maximize, Search, ZoomIn, ZoomOut } from "lucide-react";

import { type Direction, isFolded, neighbour, nodeIndex, readingOrder } from "@/canvas/graph";

import { type Change, type Document, fold, groupsOf, setGroup } from "../document";
import type { Editor } from "../editor";
import { documentOf } from "../store";
import { anything, chosenNodes, documentNow } from "./build";
import type { EditorCommand } from "./command";

/** Selects one node and brings it into being: above 300 nodes it may not have been on the page at all. */
export function goTo({ store, view }: Editor, id: string | null) {
  if (id === null) return;
  const shown = unfoldAround(documentOf(store.getState()), id);
  if (shown.length > 0) store.getState().edit({ label: "Unfold", changes: shown });
  store.getState().select([id]);
  view.reveal(id);
}

/** What is folded away cannot be gone to: whatever folds a node is opened. */
function unfoldAround(document: Document, id: string): Change[] {
  const index = nodeIndex(document.nodes);
  const changes: Change[] = [];
  const around = new Set([id]);
  for (
    let parent = index.get(id)?.parentId;
    parent && !around.has(parent);
    parent = index.get(parent)?.parentId
  ) {
    around.add(parent);
    if (isFolded(index.get(parent)!)) changes.push(...fold(document, parent).changes);
  }
  const groups = groupsOf(document, around).filter((group) => group.collapsed);
  return [
    ...changes,
    ...groups.flatMap((group) => setGroup(document, group.id, { collapsed: false }).changes),
  ];
}

const current = (editor: Editor) => [...chosenNodes(editor)].at(-1) ?? null;

function walking(direction: Direction, key: string): EditorCommand[] {
  const go = (editor: Editor) => goTo(editor, neighbour(documentNow(editor), current(editor), direction));
  const base = { group: "Move about", scope: "canvas", keyOnly: true, run: go } as const;
  return [
    { ...base, id: `go-${direction}`, title: `Go to the node to the ${direction}`, keys: [`Alt+${key}`] },
    // A bare arrow moves what is selected; with nothing selected it is free to go about.
    {
      ...base,
      id: `enter-${direction}`,
      title: "Go to the first node",
      keys: [key],
      when: (editor) => chosenNodes(editor).size === 0,
    },
  ];
}

function goBy(editor: Editor, step: 1 | -1) {
  const order = readingOrder(documentNow(editor)).map((node) => node.id);
  const at = order.indexOf(current(editor) ?? "");
  goTo(editor, order[(at + step + order.length) % order.length] ?? null);
}

export const moveAboutCommands: EditorCommand[] = [
  {
    id: "select-all",
    title: "Select all",
    group: "Select",
    keys: ["Mod+a"],
    scope: "canvas",
    menus: ["canvas"],
    run: (editor) => {
      const { nodes, notes } = documentNow(editor);
      editor.store.getState().select(
        nodes.map((node) => node.id),
        [],
        notes.map((note) => note.id),
      );
    },
  },
  {
    id: "deselect",
    title: "Select nothing",
    group: "Select",
    keys: ["Escape"],
    scope: "canvas",
    keyOnly: true,
    when: anything,
    run: ({ store }) => store.getState().select([]),
  },
  {
    id: "next",
    title: "Next node",
    group: "Select",
    keys: ["."],
    scope: "canvas",
    run: (editor) => goBy(editor, 1),
  },
  {
    id: "previous",
    title: "Previous node",
    group: "Select",
    keys: [","],
    scope: "canvas",
    run: (editor) => goBy(editor, -1),
  },
  ...walking("left", "ArrowLeft"),
  ...walking("right", "ArrowRight"),
  ...walking("up", "ArrowUp"),
  ...walking("down", "ArrowDown"),
  {
    id: "find",
    title: "Find a node",
    group: "Move about",
    icon: Search,
    keys: ["/"],
    scope: "canvas",
    run: ({ store, view }) => store.getState().open({ type: "find", at: view.spot }),
  },
  {
    id: "fit",
    title: "Show everything",
    group: "Move about",
    icon: Maximize,
    keywords: ["fit", "zoom", "view"],
    keys: ["1"],
    scope: "canvas",
    menus: ["canvas"],
    run: ({ view }) => view.fit(),
  },
  {
    id: "fit-selection",
    title: "Show the selection",
    group: "Move about",
    keywords: ["fit", "zoom"],
    keys: ["2"],
    scope: "canvas",
    menus: ["node"],
    when: (editor) => chosenNodes(editor).size > 0,
    run: (editor) => editor.view.fit(chosenNodes(editor)),
  },
  {
    id: "zoom-in",
    title: "Zoom in",
    group: "Move about",
    icon: ZoomIn,
    keys: ["="],
    scope: "canvas",
    run: ({ view }) => view.zoom("in"),
  },
  {
    id: "zoom-out",
    title: "Zoom out",
    group: "Move about",
    icon: ZoomOut,
    keys: ["-"],
    scope: "canvas",
    run: ({ view }) => view.zoom("out"),
  },
  {
    id: "keys",
    title: "Show all keys",
    group: "Move about",
    icon: Keyboard,
    keywords: ["shortcuts", "help"],
    keys: ["?"],
    scope: "canvas",
    run: ({ store }) => store.getState().open({ type: "keys" }),
  },
];
