import { KindIcon } from "@/canvas";
import { type Catalogue, type Kind, mainExit, nodeIndex } from "@/canvas/graph";
import { announce } from "@/ui";

import { type Document, insertNode, type Spot } from "../document";
import { type Editor, useEditor } from "../editor";
import { documentOf, type Overlay } from "../store";
import { ChoiceList } from "./choice-list";
import type { Choice } from "./search";

export const KIND_DRAG = "application/x-penstock-kind";

const GROUPS: Record<Kind["category"], string> = {
  trigger: "Triggers",
  action: "Actions",
  flow: "Flow",
  data: "Data",
};
const ORDER: Kind["category"][] = ["trigger", "action", "flow", "data"];

/** What fits the spot: nothing leads into a trigger, and in the middle of a chain only what leads on. */
export function kindsFor(catalogue: Catalogue, spot: Spot): Kind[] {
  const fits = (kind: Kind) => {
    if (spot.at === "point") return true;
    if (spot.at === "before") return leadsOn(kind);
    return !kind.is_trigger && (spot.at !== "edge" || leadsOn(kind));
  };
  return ORDER.flatMap((category) =>
    catalogue.kinds.filter((kind) => kind.category === category && fits(kind)),
  );
}

const leadsOn = (kind: Kind) =>
  mainExit({ id: "", type: "", data: { componentId: kind.kind } }, kind) !== undefined;

const choiceOf = (kind: Kind): Choice => ({
  id: kind.kind,
  title: kind.title,
  hint: kind.description,
  group: GROUPS[kind.category],
  keywords: [...kind.keywords, kind.kind, ...kind.aliases.flatMap((alias) => [alias.kind, alias.title])],
});

export function NodePicker({ overlay }: { overlay: Extract<Overlay, { type: "add" }> }) {
  const editor = useEditor();
  const close = () => {
    editor.store.getState().close();
    editor.view.focus();
  };
  return (
    <ChoiceList
      label={titleOf(editor, overlay.spot)}
      placeholder="Search nodes"
      empty="No node of that name"
      choices={kindsFor(editor.catalogue, overlay.spot).map(choiceOf)}
      icon={({ id }) => <KindIcon name={editor.catalogue.get(id)?.icon} />}
      at={overlay.at}
      dragType={KIND_DRAG}
      onClose={close}
      onChoose={({ id }) => {
        close();
        addNode(editor, id, overlay.spot);
      }}
    />
  );
}

function titleOf({ store, catalogue }: Editor, spot: Spot): string {
  const document: Document = documentOf(store.getState());
  const name = (id: string) => {
    const node = nodeIndex(document.nodes).get(id);
    return node ? `“${catalogue.label(node)}”` : "it";
  };
  if (spot.at === "after")
    return `Add a node after ${name(spot.source)}${spot.handle === "out" ? "" : ` (${spot.handle})`}`;
  if (spot.at === "before") return `Add a node before ${name(spot.target)}`;
  return spot.at === "edge" ? "Insert a node here" : "Add a node";
}

/** Puts a node in its spot and selects it, so that its settings stand open. */
export function addNode({ store, catalogue, view }: Editor, kindName: string, spot: Spot) {
  const kind = catalogue.get(kindName);
  if (!kind) return;
  const insertion = insertNode(documentOf(store.getState()), catalogue, kind, spot);
  store.getState().edit(insertion, [insertion.id]);
  view.reveal(insertion.id);
  announce(`${kind.title} added`);
}
