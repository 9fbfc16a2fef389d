import type {
  Component,
  JsonSchema,
  NodeGroup,
  NodeState,
  NodeStates,
  NoteColour,
  StickyNote,
  WorkflowEdge,
  WorkflowNode,
} from "@/api";

/** The graph's own words for what the API speaks. Keys that we do not know are kept and sent back as they came. */
export type FlowNode = WorkflowNode;
export type FlowEdge = WorkflowEdge;
export type Kind = Component;
export type Schema = JsonSchema;
/** What notes and groups can be told apart by. */
export const COLOURS: readonly NoteColour[] = ["yellow", "green", "blue", "red", "grey"];

export type { NodeGroup, NodeState, NodeStates, NoteColour, StickyNote };

export interface XY {
  x: number;
  y: number;
}

export interface Graph {
  nodes: readonly FlowNode[];
  edges: readonly FlowEdge[];
}
