import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";

import { answer, client } from "./client";
import type { PinChanges, PreviewQuestion, PreviewResult, Samples } from "./types";
import { workflowKeys } from "./workflows";

const byId = (id: string) => ({ path: { workflow_id: id } });

export const samplesKey = (id: string) => [...workflowKeys.all, "samples", id] as const;

/** A node in containers, and in which of their passes: a path such as `3.0`. */
export interface Place {
  node_id: string;
  iteration: string;
}

/**
 * What the draft's nodes put out last, or what is pinned; of what lies in containers in their first pass, or in that of a
 * place. Read again when a draft was saved or a run has ended.
 */
export const samplesQuery = (id: string, place: Place | null = null) =>
  queryOptions({
    queryKey: place ? [...samplesKey(id), place] : samplesKey(id),
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/workflows/{workflow_id}/samples", {
          params: { ...byId(id), query: place ?? {} },
          signal,
        }),
      ) as Promise<Samples>,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

export const useSamples = (id: string) => useQuery(samplesQuery(id));

export const savePins = (id: string, pins: PinChanges) =>
  answer(client.PUT("/api/v1/workflows/{workflow_id}/pins", { params: byId(id), body: { pins } }));

export const previewSettings = async (
  id: string,
  body: PreviewQuestion,
  signal?: AbortSignal,
): Promise<Record<string, PreviewResult>> => {
  const call = client.POST("/api/v1/workflows/{workflow_id}/preview", { params: byId(id), body, signal });
  return (await answer(call)).results as Record<string, PreviewResult>;
};

const payloadKey = (id: string) => `penstock.payload.${id}`;

/** What runs from the editor start with, as it was last typed: it belongs to the person trying things out. */
export const payloadText = (id: string) => localStorage.getItem(payloadKey(id)) ?? "{}";

export const rememberPayload = (id: string, text: string) => localStorage.setItem(payloadKey(id), text);
