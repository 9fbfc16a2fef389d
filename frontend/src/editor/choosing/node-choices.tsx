import { KindIcon } from "@/canvas";
import { exitsOf, type FlowNode, legalTargets, nodeIndex, readingOrder } from "@/canvas/graph";
import { announce } from "@/ui";

import { goTo } from "../commands";
import { connect } from "../document";
import { type Editor, useEditor } from "../editor";
import { documentOf, type Overlay } from "../store";
import { ChoiceList } from "./choice-list";
import type { Choice } from "./search";

function useLeaving() {
  const editor = useEditor();
  const close = () => {
    editor.store.getState().close();
    editor.view.focus();
  };
  return { editor, close };
}

const iconOf = (editor: Editor, id: string) => {
  const node = nodeIndex(documentOf(editor.store.getState()).nodes).get(id);
  return <KindIcon name={node && editor.catalogue.of(node)?.icon} />;
};

/** Draws a connection without a mouse: every exit of the node, with every node it may lead to. */
export function ConnectPicker({ overlay }: { overlay: Extract<Overlay, { type: "connect" }> }) {
  const { editor, close } = useLeaving();
  const document = documentOf(editor.store.getState());
  const source = nodeIndex(document.nodes).get(overlay.source);
  if (!source) return null;
  const exits = exitsOf(source, editor.catalogue.of(source));
  const links = exits.flatMap((sourceHandle) =>
    legalTargets(document, editor.catalogue, source.id, sourceHandle).map((target) => ({
      sourceHandle,
      target,
    })),
  );
  const keyOf = (link: (typeof links)[number]) => `${link.sourceHandle} ${link.target.id}`;
  return (
    <ChoiceList
      label={`Connect “${editor.catalogue.label(source)}” to`}
      placeholder="Search nodes to connect to"
      empty="There is no node it could lead to"
      choices={links.map((link) => ({
        ...nodeChoice(editor, link.target),
        id: keyOf(link),
        group: exits.length > 1 ? `From “${link.sourceHandle}”` : undefined,
      }))}
      icon={({ id }) => iconOf(editor, id.slice(id.indexOf(" ") + 1))}
      at={overlay.at}
      onClose={close}
      onChoose={({ id }) => {
        close();
        const link = links.find((candidate) => keyOf(candidate) === id);
        if (!link) return;
        const { sourceHandle, target } = link;
        editor.store
          .getState()
          .edit(connect(document, { source: source.id, sourceHandle, target: target.id }));
        announce(`Connected to ${editor.catalogue.label(target)}`);
      }}
    />
  );
}

export function NodeFinder({ overlay }: { overlay: Extract<Overlay, { type: "find" }> }) {
  const { editor, close } = useLeaving();
  return (
    <ChoiceList
      label="Find a node"
      placeholder="Search this workflow"
      empty="No such node in this workflow"
      choices={readingOrder(documentOf(editor.store.getState())).map((node) => nodeChoice(editor, node))}
      icon={({ id }) => iconOf(editor, id)}
      at={overlay.at}
      onClose={close}
      onChoose={({ id }) => {
        close();
        goTo(editor, id);
      }}
    />
  );
}

function nodeChoice({ catalogue }: Editor, node: FlowNode): Choice {
  const title = catalogue.label(node);
  const kind = catalogue.title(node.data.componentId);
  return {
    id: node.id,
    title,
    hint: title === kind ? node.id : `${kind} · ${node.id}`,
    keywords: [node.id, node.data.notes ?? ""],
  };
}
