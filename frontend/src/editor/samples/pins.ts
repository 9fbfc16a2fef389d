import type { QueryClient } from "@tanstack/react-query";

import {
  asProblem,
  type JsonObject,
  type PinChanges,
  type Place,
  type Samples,
  samplesKey,
  samplesQuery,
  savePins,
} from "@/api";
import { announce, toast } from "@/ui";

import type { Saver } from "../saving/saver";
import { documentOf, type EditorStore } from "../store";
import { placeOf } from "./passes";

/** The pinned outputs of the draft. They lie with the stored draft, so that what is still being typed is saved first. */
export class Pins {
  constructor(
    private readonly workflowId: string,
    private readonly store: EditorStore,
    private readonly saver: Saver,
    private readonly client: QueryClient,
  ) {}

  /** What is known of the nodes' outputs, as it was read last. */
  get samples(): Samples | undefined {
    return this.client.getQueryData(samplesQuery(this.workflowId).queryKey);
  }

  /** The same in the passes that are chosen around a node. */
  samplesAt(id: string): Samples | undefined {
    return this.client.getQueryData(samplesQuery(this.workflowId, this.placeOf(id)).queryKey);
  }

  placeOf(id: string): Place | null {
    const state = this.store.getState();
    return placeOf(documentOf(state), id, state.passes);
  }

  get pinned(): string[] {
    return Object.entries(this.samples?.nodes ?? {})
      .filter(([, sample]) => sample.is_pinned)
      .map(([id]) => id);
  }

  /** What the last run started with, as it is shown beside the parameters; undefined before the first one. */
  get shownPayload(): JsonObject | undefined {
    const { last_run_id, payload, is_shortened } = this.samples ?? { last_run_id: null };
    const isObject = typeof payload === "object" && payload !== null && !Array.isArray(payload);
    return last_run_id !== null && isObject && !is_shortened ? payload : undefined;
  }

  /** Pins what the node put out last, or lets it go. */
  toggle(id: string): Promise<boolean> {
    const sample = this.samplesAt(id)?.nodes[id];
    if (sample?.is_pinned) return this.change({ [id]: null }, "Pin taken away");
    if (!sample || sample.is_shortened) {
      toast(sample ? "This output is too large to be pinned here" : "There is no output to pin yet");
      return Promise.resolve(false);
    }
    return this.change({ [id]: { value: sample.value, handle: sample.handle } }, "Output pinned");
  }

  clear(): Promise<boolean> {
    return this.change(Object.fromEntries(this.pinned.map((id) => [id, null])), "All pins taken away");
  }

  async change(pins: PinChanges, said: string): Promise<boolean> {
    try {
      await this.saver.flush();
      await savePins(this.workflowId, pins);
      announce(said);
      return true;
    } catch (error) {
      toast(asProblem(error).message);
      return false;
    } finally {
      await this.client.invalidateQueries({ queryKey: samplesKey(this.workflowId) });
    }
  }
}
