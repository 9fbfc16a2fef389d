import "@xyflow/react/dist/base.css";
import "@/canvas/canvas.css";

import { Background, MiniMap, type NodeChange, ReactFlow, SelectionMode, useKeyPress } from "@xyflow/react";
import { type DragEvent, type MouseEvent, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";

import {
  type DrawnEdge,
  type Drawn,
  edgeTypes,
  MINIMAP_UP_TO,
  nodeElementId,
  nodeTypes,
  useFar,
  VISIBLE_ONLY_ABOVE,
} from "@/canvas";
import { GRID } from "@/canvas/graph";

import { addNode, KIND_DRAG } from "../choosing/node-picker";
import { useEditor, useEditorState } from "../editor";
import type { MenuPlace } from "../store";
import styles from "./editor-canvas.module.css";
import { carryingBy } from "./carrying";
import { connectingBy } from "./connecting";
import { Guides } from "./guides";
import { ViewControls } from "./view-controls";

const PAN_BUTTONS = [1, 2];
const PAN_KEY = "Space";
const ADD_KEYS = ["Shift", "Meta", "Control"];
/** The end of an edge is taken hold of beside the handle, which reaches as far itself. */
const REACH = 20;
const OPEN_AT = { padding: 0.2, maxZoom: 1 };

export function EditorCanvas() {
  const editor = useEditor();
  const { drawing, store, canvas, view } = editor;
  const nodes = useStore(drawing.store, (state) => state.nodes);
  const edges = useStore(drawing.store, (state) => state.edges);
  const active = useEditorState((state) => [...state.selection.nodes].at(-1));
  const far = useFar();
  const panning = useKeyPress(PAN_KEY);
  const connecting = useMemo(() => connectingBy(editor), [editor]);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    root.current?.focus({ preventScroll: true });
    return () => view.attach(null, null);
  }, [view]);

  const drop = (event: DragEvent) => {
    const kind = event.dataTransfer.getData(KIND_DRAG);
    if (!kind) return;
    event.preventDefault();
    store.getState().close();
    addNode(editor, kind, { at: "point", point: view.toDrawing({ x: event.clientX, y: event.clientY }) });
    view.focus();
  };
  const carrying = carryingBy(editor);
  const openPicker = (event: MouseEvent) => {
    if (!isPane(event.target)) return;
    const at = { x: event.clientX, y: event.clientY };
    store.getState().open({ type: "add", spot: { at: "point", point: view.toDrawing(at) }, at });
  };

  const openMenu = (
    on: MenuPlace,
    event: { clientX: number; clientY: number; preventDefault: () => void },
  ) => {
    event.preventDefault();
    store.getState().open({ type: "menu", on, at: { x: event.clientX, y: event.clientY } });
  };

  return (
    <ReactFlow<Drawn, DrawnEdge>
      ref={root}
      className={`penstock-canvas ${styles.canvas}`}
      data-far={far}
      tabIndex={0}
      aria-label="Workflow canvas. Press question mark for all keys."
      aria-activedescendant={active === undefined ? undefined : nodeElementId(active)}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onNodesChange={drawing.onNodesChange}
      onEdgesChange={drawing.onEdgesChange}
      onInit={(flow) => view.attach(flow, root.current)}
      onPointerDown={(event) => {
        // A click on the canvas gives it the keys, except where it was meant for a button on it.
        if (!(event.target as Element).closest("button, a, input")) view.focus();
      }}
      onPointerMove={(event) => {
        view.movePointer({ x: event.clientX, y: event.clientY });
        // From the edge the pointer may go on to the button that stands on it, but not out onto the bare canvas.
        if (isPane(event.target) && canvas.getState().hoveredEdge) canvas.setState({ hoveredEdge: null });
      }}
      onPointerLeave={() => view.movePointer(null)}
      onNodeDrag={(_, __, dragged) => carrying.over(dragged)}
      onNodeDragStop={(_, __, dragged) => carrying.drop(dragged)}
      onSelectionDragStop={(_, dragged) => carrying.drop(dragged)}
      onEdgeMouseEnter={(_, edge) => canvas.setState({ hoveredEdge: edge.id })}
      onDoubleClick={openPicker}
      onNodeContextMenu={(event, node) => {
        drawing.onNodesChange(
          node.selected ? [] : [...deselected(nodes), { type: "select", id: node.id, selected: true }],
        );
        openMenu("node", event);
      }}
      onEdgeContextMenu={(event, edge) => {
        store.getState().select([], [edge.id]);
        openMenu("edge", event);
      }}
      onSelectionContextMenu={(event) => openMenu("node", event)}
      onPaneContextMenu={(event) => openMenu("canvas", event)}
      onDragOver={(event) => event.dataTransfer.types.includes(KIND_DRAG) && event.preventDefault()}
      onDrop={drop}
      {...connecting}
      selectionOnDrag
      selectionMode={SelectionMode.Partial}
      multiSelectionKeyCode={ADD_KEYS}
      selectionKeyCode={null}
      deleteKeyCode={null}
      panOnDrag={PAN_BUTTONS}
      panOnScroll
      panActivationKeyCode={PAN_KEY}
      // A node must not go along where the hand is to move the view.
      nodesDraggable={!panning}
      zoomOnDoubleClick={false}
      selectNodesOnDrag={false}
      elevateNodesOnSelect={false}
      nodesFocusable={false}
      edgesFocusable={false}
      reconnectRadius={REACH}
      edgesReconnectable={edges.length <= VISIBLE_ONLY_ABOVE}
      disableKeyboardA11y
      connectOnClick={false}
      connectionRadius={36}
      onlyRenderVisibleElements={nodes.length > VISIBLE_ONLY_ABOVE}
      minZoom={0.05}
      maxZoom={2.5}
      {...firstView(nodes)}
    >
      <Background gap={GRID} />
      <Guides />
      <ViewControls />
      {nodes.length > MINIMAP_FROM && nodes.length <= MINIMAP_UP_TO && (
        <MiniMap
          pannable
          zoomable
          ariaLabel="Map of the workflow"
          position="bottom-right"
          style={MAP_SIZE}
          onClick={(_, point) => view.goTo(point)}
        />
      )}
    </ReactFlow>
  );
}

const deselected = (nodes: readonly Drawn[]): NodeChange<Drawn>[] =>
  nodes.filter((node) => node.selected).map(({ id }) => ({ type: "select", id, selected: false }));

/** What can be taken in at one look needs no map of itself. */
const MINIMAP_FROM = 8;
const isPane = (target: EventTarget) => (target as Element).classList.contains("react-flow__pane");
const MAP_SIZE = { width: 160, height: 100 };

/** A small graph is shown whole; a large one from its start, as all of it at once could neither be read nor drawn fast. */
function firstView(nodes: readonly Drawn[]) {
  if (nodes.length <= VISIBLE_ONLY_ABOVE) return { fitView: true, fitViewOptions: OPEN_AT };
  const start = nodes.reduce((first, node) => (node.position.x < first.position.x ? node : first)).position;
  return { defaultViewport: { x: 80 - start.x, y: 240 - start.y, zoom: 1 } };
}
