import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";

import { api } from "./client";
import type { Json, Page, Run, RunHead, RunStatus } from "./types";
import { workflowKeys } from "./workflows";

/** `metadata.KEY` may stand beside the named ones, hence the open end. */
export interface RunFilter {
  workflow?: string;
  status?: string;
  trigger?: string;
  since?: string;
  until?: string;
  correlation_id?: string;
  [metadata: `metadata.${string}`]: string | undefined;
}

export interface ExecuteInput {
  context: Json;
  version?: number | "draft";
  correlation_id?: string;
  priority?: number;
  metadata?: Record<string, string>;
  run_id?: string;
}

export const runKeys = {
  all: ["runs"] as const,
  lists: () => [...runKeys.all, "list"] as const,
  list: (filter: RunFilter) => [...runKeys.lists(), filter] as const,
  detail: (id: string) => [...runKeys.all, "detail", id] as const,
  live: (id: string) => [...runKeys.all, "live", id] as const,
};

const FINAL: ReadonlySet<RunStatus> = new Set(["completed", "failed", "terminated"]);

export const isFinal = (status: RunStatus) => FINAL.has(status);

export const runsQuery = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: runKeys.list(filter),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<RunHead>>("/runs", { query: { ...filter, cursor: pageParam, limit: 50 }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: runKeys.detail(id),
    queryFn: ({ signal }) => api.get<Run>(`/runs/${id}`, { signal }),
  });

/** Looks again soon while something on the page is still at work, and now and then for what is new. */
export const useRuns = (filter: RunFilter) =>
  useInfiniteQuery({
    ...runsQuery(filter),
    placeholderData: (before) => before,
    refetchInterval: (query) => {
      const pages = query.state.data?.pages ?? [];
      if (pages.length > 3) return false;
      return pages.some((page) => page.results.some((run) => !isFinal(run.status))) ? 2_000 : 10_000;
    },
  });

export const executeWorkflow = (id: string, input: ExecuteInput) =>
  api.post<Run>(`/workflows/${id}/execute`, input, {
    headers: { "Idempotency-Key": crypto.randomUUID() },
  });

export const terminateRun = (id: string, reason?: string) =>
  api.post<Run>(`/runs/${id}/terminate`, reason ? { reason } : {});

/** The new or changed run is known at once, so that its page opens without waiting. */
function useRunMutation<Input>(mutationFn: (input: Input) => Promise<Run>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: (run) => {
      client.setQueryData(runKeys.detail(run.id), run);
      void client.invalidateQueries({ queryKey: workflowKeys.lists() });
      return client.invalidateQueries({ queryKey: runKeys.lists() });
    },
  });
}

export const useExecuteWorkflow = () =>
  useRunMutation(({ workflowId, ...input }: ExecuteInput & { workflowId: string }) =>
    executeWorkflow(workflowId, input),
  );

export const useTerminateRun = (id: string) =>
  useRunMutation((reason: string | undefined) => terminateRun(id, reason));
