import type { ReactFlowInstance } from "@xyflow/react";

import type { Drawn, DrawnEdge } from "@/canvas";
import { NODE_HEIGHT, NODE_WIDTH, type XY } from "@/canvas/graph";

import { documentOf, type EditorStore } from "../store";

const QUICK = { duration: 180 };

/** Where the person looks: the commands that move about go through here, and find nothing to do before the canvas is up. */
export class View {
  private flow: ReactFlowInstance<Drawn, DrawnEdge> | null = null;
  private element: HTMLElement | null = null;
  private pointer: XY | null = null;

  constructor(private readonly store: EditorStore) {}

  attach(flow: ReactFlowInstance<Drawn, DrawnEdge> | null, element: HTMLElement | null) {
    this.flow = flow;
    this.element = element;
  }

  focus() {
    this.element?.focus({ preventScroll: true });
  }

  movePointer(at: XY | null) {
    this.pointer = at;
  }

  get pointerAt(): XY | null {
    return this.pointer;
  }

  /** On the screen: the pointer while it is over the canvas, else the middle of what is seen. */
  get spot(): XY {
    if (this.pointer) return this.pointer;
    const box = this.element?.getBoundingClientRect();
    return box ? { x: box.left + box.width / 2, y: box.top + box.height / 2 } : { x: 0, y: 0 };
  }

  /** On the screen, beside a node; for what opens by keyboard. */
  besideNode(id: string): XY {
    const position = documentOf(this.store.getState()).nodes.find((node) => node.id === id)?.position;
    if (!this.flow || !position) return this.spot;
    return this.flow.flowToScreenPosition({ x: position.x + NODE_WIDTH + 20, y: position.y });
  }

  toDrawing(screen: XY): XY {
    return this.flow?.screenToFlowPosition(screen) ?? screen;
  }

  fit(ids?: Iterable<string>) {
    const nodes = ids ? Array.from(ids, (id) => ({ id })) : undefined;
    void this.flow?.fitView({ nodes, padding: 0.2, maxZoom: 1, ...motion() });
  }

  zoom(direction: "in" | "out") {
    if (direction === "in") void this.flow?.zoomIn(motion());
    else void this.flow?.zoomOut(motion());
  }

  /** To the middle of what is seen, as large as it is drawn now. */
  goTo({ x, y }: XY) {
    void this.flow?.setCenter(x, y, { zoom: this.flow.getZoom(), ...motion() });
  }

  /** Brings a node into view, and moves nothing when it is. */
  reveal(id: string) {
    const position = documentOf(this.store.getState()).nodes.find((node) => node.id === id)?.position;
    const box = this.element?.getBoundingClientRect();
    if (!this.flow || !box || !position) return;
    const from = this.flow.flowToScreenPosition(position);
    const to = this.flow.flowToScreenPosition({ x: position.x + NODE_WIDTH, y: position.y + NODE_HEIGHT });
    if (from.x >= box.left && from.y >= box.top && to.x <= box.right && to.y <= box.bottom) return;
    void this.flow.setCenter(position.x + NODE_WIDTH / 2, position.y + NODE_HEIGHT / 2, {
      zoom: Math.max(this.flow.getZoom(), 0.5),
      ...motion(),
    });
  }
}

function motion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? {} : QUICK;
}
