import {
  infiniteQueryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { answer, client } from "./client";
import type { operations } from "./schema";
import type { BackfillCreate } from "./types";
import { workflowKeys } from "./workflows";

type Query<Operation extends keyof operations> = NonNullable<operations[Operation]["parameters"]["query"]>;

/** A schedule as a form holds it. */
export type ScheduleSettings = Omit<Query<"previewSchedule">, "count">;
export type FiringFilter = { [Name in Exclude<keyof Query<"listFirings">, "cursor" | "limit">]?: string };

export const scheduleKeys = {
  all: ["schedules"] as const,
  timeline: (hours: number) => [...scheduleKeys.all, "timeline", hours] as const,
  list: () => [...scheduleKeys.all, "list"] as const,
  preview: (settings: ScheduleSettings) => ["schedule-preview", settings] as const,
  firings: (filter: FiringFilter) => [...scheduleKeys.all, "firings", filter] as const,
  backfills: () => [...scheduleKeys.all, "backfills"] as const,
  range: (id: string, range: BackfillRange) => [...scheduleKeys.all, "range", id, range] as const,
};

/** What a schedule would do; the server says what is wrong with it. */
export const useSchedulePreview = (settings: ScheduleSettings) =>
  useQuery({
    queryKey: scheduleKeys.preview(settings),
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/schedules/preview", { params: { query: settings }, signal })),
    enabled: Boolean(settings.schedule_value),
    placeholderData: (before) => before,
    retry: false,
  });

export const useTimeline = (hours: number) =>
  useQuery({
    queryKey: scheduleKeys.timeline(hours),
    queryFn: ({ signal }) =>
      answer(client.GET("/api/v1/schedules/timeline", { params: { query: { hours, limit: 100 } }, signal })),
    refetchInterval: 30_000,
    placeholderData: (before) => before,
  });

export const useSchedules = () =>
  useQuery({
    queryKey: scheduleKeys.list(),
    queryFn: async ({ signal }) =>
      (await answer(client.GET("/api/v1/schedules", { params: { query: { limit: 200 } }, signal }))).results,
  });

const firingsQuery = (filter: FiringFilter) =>
  infiniteQueryOptions({
    queryKey: scheduleKeys.firings(filter),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, cursor: pageParam, limit: 50 } as Query<"listFirings">;
      return answer(client.GET("/api/v1/firings", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const useFirings = (filter: FiringFilter) =>
  useInfiniteQuery({ ...firingsQuery(filter), placeholderData: (before) => before, refetchInterval: 10_000 });

/** Whatever is changed here may change the time line, the lists and the workflows' rows. */
function useScheduleMutation<Input, Result>(mutationFn: (input: Input) => Promise<Result>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: workflowKeys.all });
      return cache.invalidateQueries({ queryKey: scheduleKeys.all });
    },
  });
}

const byId = (id: string) => ({ path: { schedule_id: id } });

export const usePauseSchedule = () =>
  useScheduleMutation(({ id, reason }: { id: string; reason: string }) =>
    answer(client.POST("/api/v1/schedules/{schedule_id}/pause", { params: byId(id), body: { reason } })),
  );

export const useResumeSchedule = () =>
  useScheduleMutation((id: string) =>
    answer(client.POST("/api/v1/schedules/{schedule_id}/resume", { params: byId(id) })),
  );

export const useAcknowledgeMissed = () =>
  useScheduleMutation((workflowId: string) =>
    answer(
      client.POST("/api/v1/workflows/{workflow_id}/acknowledge", {
        params: { path: { workflow_id: workflowId } },
      }),
    ),
  );

// --- backfills ---

export interface BackfillRange {
  since: string;
  until: string;
}

export const useBackfills = () =>
  useQuery({
    queryKey: scheduleKeys.backfills(),
    queryFn: async ({ signal }) =>
      (await answer(client.GET("/api/v1/backfills", { params: { query: {} }, signal }))).results,
    refetchInterval: (query) =>
      query.state.data?.some((each) => each.status === "running") ? 1_000 : 10_000,
  });

export const useBackfillPreview = (id: string, range: BackfillRange) =>
  useQuery({
    queryKey: scheduleKeys.range(id, range),
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/schedules/{schedule_id}/backfill/preview", {
          params: { ...byId(id), query: range },
          signal,
        }),
      ),
    enabled: Boolean(range.since && range.until),
    retry: false,
  });

export const useStartBackfill = (id: string) =>
  useScheduleMutation((body: BackfillCreate) =>
    answer(client.POST("/api/v1/schedules/{schedule_id}/backfill", { params: byId(id), body })),
  );

export type BackfillStep = "pause" | "resume" | "cancel";

export const useSteerBackfill = () =>
  useScheduleMutation(({ id, step }: { id: string; step: BackfillStep }) =>
    answer(
      client.POST(`/api/v1/backfills/{backfill_id}/${step}` as "/api/v1/backfills/{backfill_id}/pause", {
        params: { path: { backfill_id: id } },
        body: {},
      }),
    ),
  );

// --- alerts ---

const ofWorkflow = (id: string) => ({ path: { workflow_id: id } });

export const useNameAlertWorkflow = () =>
  useScheduleMutation(({ id, alertWorkflow }: { id: string; alertWorkflow: string | null }) =>
    answer(
      client.PUT("/api/v1/workflows/{workflow_id}/alerts/settings", {
        params: ofWorkflow(id),
        body: { alert_workflow: alertWorkflow },
      }),
    ),
  );

export const useSendTestAlert = () =>
  useScheduleMutation((id: string) =>
    answer(client.POST("/api/v1/workflows/{workflow_id}/alerts/test", { params: ofWorkflow(id) })),
  );
