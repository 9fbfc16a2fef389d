import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, client } from "./client";
import { runKeys } from "./runs";
import type { BulkOutcome, BulkRuns, Run, RunRetry } from "./types";
import { workflowKeys } from "./workflows";

const byId = (id: string) => ({ path: { run_id: id } });

const calls = {
  suspend: (id: string) =>
    answer(client.POST("/api/v1/runs/{run_id}/suspend", { params: byId(id), body: {} })),
  resume: (id: string) => answer(client.POST("/api/v1/runs/{run_id}/resume", { params: byId(id), body: {} })),
};

/** What came of it is known at once on every screen that shows the run. */
function useSteering<Input>(call: (input: Input) => Promise<unknown>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (input: Input) => call(input) as Promise<Run | undefined>,
    onSuccess: (run) => {
      if (run) cache.setQueryData(runKeys.detail(run.id), run);
      void cache.invalidateQueries({ queryKey: workflowKeys.lists() });
      return cache.invalidateQueries({ queryKey: runKeys.lists() });
    },
  });
}

export const useHoldRun = (id: string) => useSteering((action: "suspend" | "resume") => calls[action](id));

/** A new run, which names this one. */
export const useRetryRun = (id: string) =>
  useSteering((body: RunRetry) =>
    answer(client.POST("/api/v1/runs/{run_id}/retry", { params: byId(id), body })),
  );

export const usePurgeRun = (id: string) =>
  useSteering(() => answer(client.POST("/api/v1/runs/{run_id}/purge", { params: byId(id), body: {} })));

// --- many at once ---

export type BulkAction = "retry" | "terminate" | "suspend" | "resume" | "purge";

export interface BulkAnswer {
  results: BulkOutcome[];
  /** Others fit the filter too: asked again, it comes to them. */
  more: boolean;
}

export function steerRuns(action: BulkAction, body: BulkRuns): Promise<BulkAnswer> {
  switch (action) {
    case "retry":
      return answer(client.POST("/api/v1/runs/bulk/retry", { body }));
    case "terminate":
      return answer(client.POST("/api/v1/runs/bulk/terminate", { body }));
    case "suspend":
      return answer(client.POST("/api/v1/runs/bulk/suspend", { body }));
    case "resume":
      return answer(client.POST("/api/v1/runs/bulk/resume", { body }));
    case "purge":
      return answer(client.POST("/api/v1/runs/bulk/purge", { body }));
  }
}
