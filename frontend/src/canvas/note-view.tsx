import { type Node, type NodeProps, NodeResizer } from "@xyflow/react";
import { lazy, memo, Suspense, useRef } from "react";

import { useCanvas } from "./canvas-store";
import { ColourChoice } from "./colour-choice";
import type { StickyNote } from "./graph";
import styles from "./note-view.module.css";

const Markdown = lazy(() => import("./markdown"));

export type DrawnNote = Node<{ note: StickyNote }, "note">;

/** Words on the canvas, in Markdown. A double click makes them a field; leaving it keeps what was written. */
export const NoteView = memo(function NoteView({ data, selected }: NodeProps<DrawnNote>) {
  const { note } = data;
  const writing = useCanvas((canvas) => canvas.writing === note.id);
  const onNote = useCanvas((canvas) => canvas.onNote);
  const onWrite = useCanvas((canvas) => canvas.onWrite);
  const empty = note.text.trim() === "";
  return (
    <div
      className={styles.note}
      data-colour={note.colour}
      role="note"
      aria-label={`Note${selected ? ", selected" : ""}`}
      onDoubleClick={onWrite && (() => onWrite(note.id))}
    >
      {onNote && (
        <NodeResizer
          isVisible={selected && !writing}
          minWidth={120}
          minHeight={60}
          lineClassName={styles.line}
          handleClassName={styles.corner}
          onResizeEnd={(_, { x, y, width, height }) =>
            onNote(note.id, {
              position: { x: Math.round(x), y: Math.round(y) },
              width: Math.round(width),
              height: Math.round(height),
            })
          }
        />
      )}
      {writing ? (
        <NoteField note={note} />
      ) : (
        <div className={styles.text}>
          {empty ? (
            <p className={styles.empty}>{onNote ? "Double-click to write" : ""}</p>
          ) : (
            <Suspense fallback={note.text}>
              <Markdown text={note.text} />
            </Suspense>
          )}
        </div>
      )}
      {selected && onNote && (
        <ColourChoice
          label="Colour of the note"
          value={note.colour}
          onChoose={(colour) => onNote(note.id, { colour })}
        />
      )}
    </div>
  );
});

function NoteField({ note }: { note: StickyNote }) {
  const onNote = useCanvas((canvas) => canvas.onNote);
  const onWrite = useCanvas((canvas) => canvas.onWrite);
  const dropped = useRef(false);
  return (
    <textarea
      className={`${styles.field} nodrag nopan nowheel`}
      aria-label="Note, in Markdown"
      placeholder="Markdown: # heading, **bold**, - list, [link](https://…)"
      defaultValue={note.text}
      maxLength={10_000}
      ref={(field) => field?.focus({ preventScroll: true })}
      onBlur={(event) => {
        if (!dropped.current) onNote?.(note.id, { text: event.target.value });
        onWrite?.(null);
      }}
      onKeyDown={(event) => {
        event.stopPropagation();
        const done = event.key === "Enter" && (event.ctrlKey || event.metaKey);
        dropped.current = event.key === "Escape";
        if (done || dropped.current) event.currentTarget.blur();
      }}
    />
  );
}
