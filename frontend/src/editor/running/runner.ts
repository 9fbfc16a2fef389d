import { createStore, type StoreApi } from "zustand";

import {
  type ApiProblem,
  asProblem,
  executeWorkflow,
  type JsonObject,
  payloadText,
  rememberPayload,
  type Run,
  type RunPartInput,
} from "@/api";
import type { CanvasStore } from "@/canvas";
import { announce } from "@/ui";

import type { Saver } from "../saving/saver";
import type { EditorStore } from "../store";

export type RunnerState =
  { status: "idle" } | { status: "starting" } | { status: "refused"; problem: ApiProblem };

/** A run that is over by then is told whole at once: it takes longer to open a stream. */
const SHORT_RUN_SECONDS = 0.03;

/** Starts runs of the draft; watching them is the drawer's part. */
export class Runner {
  readonly state: StoreApi<RunnerState> = createStore<RunnerState>(() => ({ status: "idle" }));
  private underWay = false;

  constructor(
    private readonly workflowId: string,
    private readonly store: EditorStore,
    private readonly canvas: CanvasStore,
    private readonly saver: Saver,
    /** The run is known at once, so that its stream is opened without reading it first. */
    private readonly onStarted: (run: Run) => void,
  ) {}

  get payloadText(): string {
    return payloadText(this.workflowId);
  }

  rememberPayload(text: string) {
    rememberPayload(this.workflowId, text);
  }

  /** The whole draft on its pins, or a part of it: on pins too, and on what came out last. Without a `payload` it
   * starts with the one that stands ready beside Run. */
  async run(part: RunPartInput = { scope: "all" }, payload?: JsonObject) {
    if (this.underWay) return;
    const context = payload ?? parsed(this.payloadText);
    if (context === undefined) {
      this.refuse(new Error("The payload is no JSON object. Open “Payload” beside Run and correct it."));
      return;
    }
    this.underWay = true;
    // The request goes out first: what the page draws meanwhile costs no time.
    const drawing = setTimeout(() => this.clearFor("starting"));
    try {
      const run = await this.start(context, part);
      this.onStarted(run);
      this.canvas.setState({ states: run.node_states, counts: {} });
      this.store.setState(({ inspectorLarge }) => ({ runId: run.id, drawerOpen: !inspectorLarge }));
      this.state.setState({ status: "idle" }, true);
      announce("Run started");
    } catch (error) {
      this.refuse(error);
    } finally {
      clearTimeout(drawing);
      this.underWay = false;
    }
  }

  private async start(context: JsonObject, partial: RunPartInput): Promise<Run> {
    if (!(await this.saver.flush()))
      throw new Error(
        "The draft is not on the server yet, so it cannot be run. The save mark above says why.",
      );
    return executeWorkflow(this.workflowId, { context, version: "draft", partial }, SHORT_RUN_SECONDS);
  }

  private clearFor(status: "starting" | "idle") {
    const drawerOpen = status === "starting" && !this.store.getState().inspectorLarge;
    this.canvas.setState({ states: {}, counts: {} });
    this.store.setState({ runId: null, drawerOpen });
    this.state.setState({ status }, true);
  }

  /** Takes the last run off the canvas. */
  clear() {
    this.clearFor("idle");
  }

  private refuse(error: unknown) {
    this.state.setState({ status: "refused", problem: asProblem(error) }, true);
    this.store.setState({ drawerOpen: true });
  }
}

/** A payload is a JSON object; undefined for whatever else was typed. */
export function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text || "{}");
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
