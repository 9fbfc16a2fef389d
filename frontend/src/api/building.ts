import { queryOptions, useQuery } from "@tanstack/react-query";

import { answer, client } from "./client";
import type { PinChanges, PreviewQuestion, PreviewResult, Samples } from "./types";
import { workflowKeys } from "./workflows";

const byId = (id: string) => ({ path: { workflow_id: id } });

export const samplesKey = (id: string) => [...workflowKeys.all, "samples", id] as const;

/** What the draft's nodes put out last, or what is pinned. Read again when a draft was saved or a run has ended. */
export const samplesQuery = (id: string) =>
  queryOptions({
    queryKey: samplesKey(id),
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/workflows/{workflow_id}/samples", { params: byId(id), signal }),
      ) as Promise<Samples>,
    staleTime: 30_000,
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
