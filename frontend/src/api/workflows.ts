import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { api } from "./client";
import type {
  Page,
  Validation,
  Workflow,
  WorkflowDraft,
  WorkflowRow,
  WorkflowVersion,
  WorkflowVersionDetail,
} from "./types";

export interface WorkflowFilter {
  search?: string;
  is_active?: string;
  trigger?: string;
  status?: string;
}

export const workflowKeys = {
  all: ["workflows"] as const,
  lists: () => [...workflowKeys.all, "list"] as const,
  list: (filter: WorkflowFilter) => [...workflowKeys.lists(), filter] as const,
  detail: (id: string) => [...workflowKeys.all, "detail", id] as const,
  versions: (id: string) => [...workflowKeys.all, "versions", id] as const,
  version: (id: string, number: number) => [...workflowKeys.versions(id), number] as const,
};

export const workflowsQuery = (filter: WorkflowFilter) =>
  infiniteQueryOptions({
    queryKey: workflowKeys.list(filter),
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<WorkflowRow>>("/workflows", {
        query: { ...filter, cursor: pageParam, limit: 50 },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export const workflowQuery = (id: string) =>
  queryOptions({
    queryKey: workflowKeys.detail(id),
    queryFn: ({ signal }) => api.get<Workflow>(`/workflows/${id}`, { signal }),
  });

export const useWorkflows = (filter: WorkflowFilter, refetchInterval: number | false = false) =>
  useInfiniteQuery({ ...workflowsQuery(filter), refetchInterval, placeholderData: (before) => before });

export const useWorkflow = (id: string) => useQuery(workflowQuery(id));

export const createWorkflow = (draft: WorkflowDraft) => api.post<Workflow>("/workflows", draft);

export const saveWorkflow = (id: string, draft: WorkflowDraft) =>
  api.put<Workflow>(`/workflows/${id}`, draft);

export const validateWorkflow = (draft: WorkflowDraft, signal?: AbortSignal) =>
  api.post<Validation>("/workflows/validate", draft, { signal });

export const publishWorkflow = (id: string, note?: string) =>
  api.post<Workflow>(`/workflows/${id}/publish`, note ? { note } : {});

export const setWorkflowActive = (id: string, active: boolean) =>
  api.post<Workflow>(`/workflows/${id}/${active ? "activate" : "deactivate"}`);

/** A changed workflow is put in its place at once; the lists, which sum it up, are read again. */
function useWorkflowMutation<Input>(mutationFn: (input: Input) => Promise<Workflow>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: (workflow) => {
      client.setQueryData(workflowKeys.detail(workflow.id), workflow);
      return client.invalidateQueries({ queryKey: workflowKeys.lists() });
    },
  });
}

export const useCreateWorkflow = () => useWorkflowMutation(createWorkflow);

export const usePublishWorkflow = (id: string) =>
  useWorkflowMutation((note: string | undefined) => publishWorkflow(id, note));

export const useSetWorkflowActive = () =>
  useWorkflowMutation(({ id, active }: { id: string; active: boolean }) => setWorkflowActive(id, active));

export function useDeleteWorkflow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api.delete(`/workflows/${id}`),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: workflowKeys.detail(id) });
      return client.invalidateQueries({ queryKey: workflowKeys.lists() });
    },
  });
}

export const useWorkflowVersions = (id: string) =>
  useQuery({
    queryKey: workflowKeys.versions(id),
    queryFn: ({ signal }) => api.get<Page<WorkflowVersion>>(`/workflows/${id}/versions`, { signal }),
  });

export const useWorkflowVersion = (id: string, number: number) =>
  useQuery({
    queryKey: workflowKeys.version(id, number),
    queryFn: ({ signal }) =>
      api.get<WorkflowVersionDetail>(`/workflows/${id}/versions/${number}`, { signal }),
    staleTime: Infinity,
  });
