import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";

import { answer, client } from "./client";
import type { operations } from "./schema";
import type { ExecuteInput, Run, RunStatus } from "./types";
import { workflowKeys } from "./workflows";

type RunsQuery = NonNullable<operations["listRuns"]["parameters"]["query"]>;

/** As text, for it comes from the address; any number of `metadata.KEY` may stand beside the named ones. */
export type RunFilter = {
  [Name in Exclude<keyof RunsQuery, "cursor" | "limit" | "metadata.KEY">]?: string;
} & { [metadata: `metadata.${string}`]: string };

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
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, cursor: pageParam, limit: 50 } as RunsQuery;
      return answer(client.GET("/api/v1/runs", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

const byId = (id: string) => ({ path: { run_id: id } });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: runKeys.detail(id),
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/runs/{run_id}", { params: byId(id), signal })) as Promise<Run>,
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

/** With `wait` it is answered when the run has ended, or after so many seconds as it stands then. */
export const executeWorkflow = (id: string, body: ExecuteInput, wait?: number) =>
  answer(
    client.POST("/api/v1/workflows/{workflow_id}/execute", {
      params: { path: { workflow_id: id }, query: { wait } },
      body,
    }),
  ) as Promise<Run>;

export const terminateRun = (id: string, reason?: string) =>
  answer(
    client.POST("/api/v1/runs/{run_id}/terminate", { params: byId(id), body: { reason } }),
  ) as Promise<Run>;

/** The new or changed run is known at once, so that its page opens without waiting. */
function useRunMutation<Input>(mutationFn: (input: Input) => Promise<Run>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: (run) => {
      cache.setQueryData(runKeys.detail(run.id), run);
      void cache.invalidateQueries({ queryKey: workflowKeys.lists() });
      return cache.invalidateQueries({ queryKey: runKeys.lists() });
    },
  });
}

export const useExecuteWorkflow = () =>
  useRunMutation(({ workflowId, ...input }: ExecuteInput & { workflowId: string }) =>
    executeWorkflow(workflowId, input),
  );

export const useTerminateRun = (id: string) =>
  useRunMutation((reason: string | undefined) => terminateRun(id, reason));
