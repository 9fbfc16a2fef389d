import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { samplesQuery } from "@/api";

import { useEditor, useEditorState } from "../editor";
import { onlyNode } from "../store";

/** What the nodes put out last. Asked for once somebody looks at a node or at a run. */
export function useEditorSamples() {
  const { workflowId } = useEditor();
  const wanted = useEditorState((state) => onlyNode(state) !== null || state.runId !== null);
  return useQuery({ ...samplesQuery(workflowId), enabled: wanted }).data;
}

/** Puts on the canvas what is pinned and what is stale. */
export function SampleMarks() {
  const { canvas } = useEditor();
  const samples = useEditorSamples();
  useEffect(() => {
    if (!samples) return;
    const told = Object.entries(samples.nodes);
    canvas.setState({
      pinned: new Set(told.filter(([, sample]) => sample.is_pinned).map(([id]) => id)),
      stale: Object.fromEntries(told.flatMap(([id, { stale }]) => (stale ? [[id, stale]] : []))),
    });
  }, [canvas, samples]);
  return null;
}
