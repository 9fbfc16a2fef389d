import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { answer, client } from "./client";
import type { operations } from "./schema";
import type { JsonObject, PresenceSignal, Workflow, WorkflowCreate, WorkflowDraft } from "./types";

type WorkflowsQuery = NonNullable<operations["listWorkflows"]["parameters"]["query"]>;

/** As text, for it comes from the address; the server says what it does not understand. */
export type WorkflowFilter = { [Name in Exclude<keyof WorkflowsQuery, "cursor" | "limit">]?: string };

export const workflowKeys = {
  all: ["workflows"] as const,
  lists: () => [...workflowKeys.all, "list"] as const,
  list: (filter: WorkflowFilter) => [...workflowKeys.lists(), filter] as const,
  detail: (id: string) => [...workflowKeys.all, "detail", id] as const,
  versions: (id: string) => [...workflowKeys.all, "versions", id] as const,
  version: (id: string, number: number) => [...workflowKeys.versions(id), number] as const,
};

const byId = (id: string) => ({ path: { workflow_id: id } });

export const workflowsQuery = (filter: WorkflowFilter) =>
  infiniteQueryOptions({
    queryKey: workflowKeys.list(filter),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, cursor: pageParam, limit: 50 } as WorkflowsQuery;
      return answer(client.GET("/api/v1/workflows", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const readWorkflow = (id: string, signal?: AbortSignal) =>
  answer(client.GET("/api/v1/workflows/{workflow_id}", { params: byId(id), signal }));

export const workflowQuery = (id: string) =>
  queryOptions({
    queryKey: workflowKeys.detail(id),
    queryFn: ({ signal }) => readWorkflow(id, signal),
  });

export const useWorkflows = (filter: WorkflowFilter, refetchInterval: number | false = false) =>
  useInfiniteQuery({ ...workflowsQuery(filter), refetchInterval, placeholderData: (before) => before });

export const useWorkflow = (id: string) => useQuery(workflowQuery(id));

export const createWorkflow = (body: WorkflowCreate) => answer(client.POST("/api/v1/workflows", { body }));

export const saveWorkflow = (id: string, body: WorkflowDraft) =>
  answer(client.PUT("/api/v1/workflows/{workflow_id}", { params: byId(id), body }));

export const validateWorkflow = (body: WorkflowDraft, signal?: AbortSignal) =>
  answer(client.POST("/api/v1/workflows/validate", { body, signal }));

export const signalPresence = (id: string, body: PresenceSignal) =>
  answer(
    client.POST("/api/v1/workflows/{workflow_id}/presence", { params: byId(id), body, keepalive: true }),
  );

export const publishWorkflow = (id: string, note?: string) =>
  answer(client.POST("/api/v1/workflows/{workflow_id}/publish", { params: byId(id), body: { note } }));

export const setWorkflowActive = (id: string, active: boolean) =>
  active
    ? answer(client.POST("/api/v1/workflows/{workflow_id}/activate", { params: byId(id) }))
    : answer(client.POST("/api/v1/workflows/{workflow_id}/deactivate", { params: byId(id) }));

export const useVersions = (id: string) =>
  useInfiniteQuery({
    queryKey: workflowKeys.versions(id),
    queryFn: ({ pageParam, signal }) =>
      answer(
        client.GET("/api/v1/workflows/{workflow_id}/versions", {
          params: { ...byId(id), query: { cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const readVersion = (id: string, number: number, signal?: AbortSignal) =>
  answer(
    client.GET("/api/v1/workflows/{workflow_id}/versions/{number}", {
      params: { path: { workflow_id: id, number: String(number) } },
      signal,
    }),
  );

/** A version never changes, so that it is read once. */
export const useVersion = (id: string, number: number | undefined) =>
  useQuery({
    queryKey: workflowKeys.version(id, number ?? 0),
    queryFn: ({ signal }) => readVersion(id, number!, signal),
    enabled: number !== undefined,
    staleTime: Infinity,
  });

export const useDifferences = (id: string, before: number | "draft" | undefined, after: number | "draft") =>
  useQuery({
    queryKey: [...workflowKeys.versions(id), "differences", before, after],
    queryFn: ({ signal }) =>
      answer(
        client.GET("/api/v1/workflows/{workflow_id}/differences", {
          params: { ...byId(id), query: { before: String(before), after: String(after) } },
          signal,
        }),
      ),
    enabled: before !== undefined,
    staleTime: 0,
  });

/** A changed workflow is put in its place at once; the lists, which sum it up, are read again. */
function useWorkflowMutation<Input>(mutationFn: (input: Input) => Promise<Workflow>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: (workflow) => {
      cache.setQueryData(workflowKeys.detail(workflow.id), workflow);
      return cache.invalidateQueries({ queryKey: workflowKeys.lists() });
    },
  });
}

export const useCreateWorkflow = () => useWorkflowMutation(createWorkflow);

export const usePublishWorkflow = (id: string) =>
  useWorkflowMutation((note: string | undefined) => publishWorkflow(id, note));

export const useSetWorkflowActive = () =>
  useWorkflowMutation(({ id, active }: { id: string; active: boolean }) => setWorkflowActive(id, active));

export const useSaveTags = () =>
  useWorkflowMutation(({ id, tags }: { id: string; tags: string[] }) => saveWorkflow(id, { tags }));

/** What is the workflow's own and no part of its drawing; `null`: no limit, no deadline. */
export const useSaveSettings = (id: string) =>
  useWorkflowMutation(
    (
      settings: Pick<
        WorkflowDraft,
        "tags" | "max_concurrent_runs" | "deadline_seconds" | "run_days" | "runs_kept"
      >,
    ) => saveWorkflow(id, settings),
  );

export const useTags = () =>
  useQuery({
    queryKey: [...workflowKeys.lists(), "tags"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/tags", { signal })),
  });

export const useTemplates = () =>
  useQuery({
    queryKey: ["templates"],
    queryFn: ({ signal }) => answer(client.GET("/api/v1/templates", { signal })),
    staleTime: Infinity,
  });

/** Makes a workflow of a document: not active, and with no credential linked. */
export function useImportWorkflow() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { document: JsonObject; name?: string }) =>
      answer(client.POST("/api/v1/workflows/import", { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: workflowKeys.lists() }),
  });
}

export const exportWorkflow = (id: string) =>
  answer(client.GET("/api/v1/workflows/{workflow_id}/export", { params: byId(id) }));

export function useDeleteWorkflow() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(client.DELETE("/api/v1/workflows/{workflow_id}", { params: byId(id) })),
    onSuccess: (_, id) => {
      cache.removeQueries({ queryKey: workflowKeys.detail(id) });
      return cache.invalidateQueries({ queryKey: workflowKeys.lists() });
    },
  });
}
