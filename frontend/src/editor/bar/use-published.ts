import { useStore } from "zustand";

import { useWorkflow } from "@/api";

import { useEditor } from "../editor";

/** The workflow as the server has it, and whether what is drawn here differs from what it has published. */
export function usePublished() {
  const { saver, workflowId } = useEditor();
  const { data } = useWorkflow(workflowId);
  const unsaved = useStore(saver.state, (state) => state.status !== "saved");
  return { data, changed: unsaved || (data?.has_unpublished_changes ?? true) };
}
