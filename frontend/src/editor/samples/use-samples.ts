import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { samplesQuery } from "@/api";

import { useDocument, useEditor, useEditorState } from "../editor";
import { placeOf } from "./passes";

/** What the nodes put out last, and what is pinned; beside a node in containers, in their chosen passes. */
export function useEditorSamples(id: string | null = null) {
  const { workflowId } = useEditor();
  const passes = useEditorState((state) => state.passes);
  const document = useDocument((current) => current);
  return useQuery(samplesQuery(workflowId, id === null ? null : placeOf(document, id, passes))).data;
}

/** Puts on the canvas what is pinned and what is stale. */
export function SampleMarks() {
  const { canvas } = useEditor();
  const samples = useEditorSamples();
  const runId = useEditorState((state) => state.runId);
  useEffect(() => {
    if (!samples) return;
    const told = Object.entries(samples.nodes);
    canvas.setState({
      pinned: new Set(told.filter(([, sample]) => sample.is_pinned).map(([id]) => id)),
      // Of the run that is on the canvas: what a node put out in another one says nothing about its state here.
      stale: Object.fromEntries(
        told.flatMap(([id, { stale, run_id }]) => (stale && run_id === runId ? [[id, stale]] : [])),
      ),
    });
  }, [canvas, samples, runId]);
  return null;
}
