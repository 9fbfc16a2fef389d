import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, client } from "./client";
import { runKeys } from "./runs";
import type { Json, Run, RunWait, ToldEvent } from "./types";

const eventsKey = (id: string) => [...runKeys.all, "events", id] as const;
const byId = (id: string) => ({ path: { run_id: id } });

const LOOK_MS = 3_000;

/** What the run was told, the newest first; looks again while there may be more. */
export const useToldEvents = (id: string, live: boolean) =>
  useInfiniteQuery({
    queryKey: eventsKey(id),
    queryFn: ({ pageParam, signal }) =>
      answer(
        client.GET("/api/v1/runs/{run_id}/events", {
          params: { ...byId(id), query: { cursor: pageParam, limit: 50 } },
          signal,
        }),
      ) as Promise<{ results: ToldEvent[]; next: string | null }>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 0,
    refetchInterval: live && LOOK_MS,
  });

/** What workers do with the tasks of a run is no news on its stream: it is asked for. */
export const useWaitsOf = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: [...runKeys.all, "waits", id],
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/runs/{run_id}/waits", { params: byId(id), signal })) as Promise<{
        results: RunWait[];
      }>,
    enabled,
    staleTime: 0,
    refetchInterval: LOOK_MS,
  });

function useTelling<Input>(id: string, call: (input: Input) => Promise<unknown>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => call(input) as Promise<Run>,
    onSuccess: (run) => {
      cache.setQueryData(runKeys.detail(run.id), run);
      void cache.invalidateQueries({ queryKey: eventsKey(id) });
      return cache.invalidateQueries({ queryKey: runKeys.lists() });
    },
  });
}

export const useRaiseEvent = (id: string) =>
  useTelling(id, ({ name, payload }: { name: string; payload: Json }) =>
    answer(
      client.POST("/api/v1/runs/{run_id}/events/{name}", {
        params: { path: { run_id: id, name } },
        body: payload,
      }),
    ),
  );

export interface Decision {
  decision: "approved" | "rejected";
  comment: string;
}

/** For a node that waits for somebody to decide. */
export const useDecide = (id: string, nodeId: string, iteration: string) =>
  useTelling(id, (decision: Decision) =>
    answer(
      client.POST("/api/v1/runs/{run_id}/approvals/{node_id}", {
        params: { path: { run_id: id, node_id: nodeId } },
        body: { ...decision, iteration },
      }),
    ),
  );
