import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { samplesQuery } from "@/api";

import { useEditor } from "../editor";

/** What the nodes put out last, and what is pinned. */
export function useEditorSamples() {
  const { workflowId } = useEditor();
  return useQuery(samplesQuery(workflowId)).data;
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
