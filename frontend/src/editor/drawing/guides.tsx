import { ViewportPortal } from "@xyflow/react";
import { useStore } from "zustand";

import { useEditor } from "../editor";
import styles from "./editor-canvas.module.css";

/** The lines along which what is being dragged lies level with its neighbours. */
export function Guides() {
  const { drawing } = useEditor();
  const guides = useStore(drawing.store, (state) => state.guides);
  if (guides.length === 0) return null;
  return (
    <ViewportPortal>
      {guides.map(({ axis, at, from, to }) => (
        <div
          key={`${axis} ${at}`}
          className={styles.guide}
          data-axis={axis}
          style={
            axis === "x"
              ? { transform: `translate(${at}px, ${from}px)`, height: to - from }
              : { transform: `translate(${from}px, ${at}px)`, width: to - from }
          }
        />
      ))}
    </ViewportPortal>
  );
}
