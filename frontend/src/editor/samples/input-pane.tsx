import { Pencil } from "lucide-react";
import { useState } from "react";

import type { Json, Samples } from "@/api";
import { expressionFor, JsonView } from "@/runs";
import { Button } from "@/ui";

import { useDocument, useEditor } from "../editor";
import { EditValue } from "./edit-value";
import styles from "./panes.module.css";
import { SampleNote } from "./sample-note";
import { furtherUp, inputOf, knownTo, type Source, sourcesOf, startOf } from "./sources";

/** What reached the node last time, or what is pinned before it: each line can be dragged into a parameter. */
export function InputPane({ id, samples }: { id: string; samples: Samples | undefined }) {
  const { catalogue } = useEditor();
  const document = useDocument((current) => current);
  if (!samples) return <Pane title="Input" />;
  const sources = sourcesOf(document, catalogue, samples, id);
  const start = startOf(document, samples, id);
  const input = inputOf(sources, start);
  const { item } = knownTo(document, catalogue, samples, id).loop;
  const above = furtherUp(document, id).filter((each) => samples.nodes[each]);
  const labels = new Map(document.nodes.map((node) => [node.id, catalogue.label(node)]));
  return (
    <Pane title="Input">
      {sources.length === 0 && <Start value={start} isPass={start !== samples.payload} />}
      {sources.length === 1 && <Only source={sources[0]!} />}
      {sources.length > 1 && <Merged sources={sources} input={input} />}
      {item !== undefined && sources.length > 0 && (
        <Folded title="The pass's item" value={item} path="item" />
      )}
      {above.map((each) => (
        <Folded
          key={each}
          title={labels.get(each) ?? each}
          value={samples.nodes[each]!.value}
          path={expressionFor(each)}
        />
      ))}
      {sources.length > 0 && (
        <Folded title="What the run starts with" value={samples.payload} path="trigger" />
      )}
    </Pane>
  );
}

export function Pane({ title, children }: { title: string; children?: React.ReactNode }) {
  return (
    <section className={styles.pane} aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      <div className={styles.content} tabIndex={0} role="region" aria-label={`${title} data`}>
        {children}
      </div>
    </section>
  );
}

function Only({ source }: { source: Source }) {
  const [editing, setEditing] = useState(false);
  const { sample } = source;
  if (!sample) return <Nothing label={source.label} />;
  return (
    <>
      <SampleNote sample={sample} from={source.label} untaken={!source.taken} />
      {editing ? (
        <EditValue nodeId={source.id} sample={sample} onClose={() => setEditing(false)} />
      ) : (
        <JsonView
          title={`From “${source.label}”`}
          value={sample.value}
          dragRoot="input"
          aside={
            !sample.is_shortened && (
              <Button small look="quiet" icon={Pencil} onClick={() => setEditing(true)}>
                Edit
              </Button>
            )
          }
        />
      )}
    </>
  );
}

function Start({ value, isPass }: { value: Json | undefined; isPass: boolean }) {
  if (value === undefined)
    return (
      <p className={styles.hint}>No such pass has begun yet. Run the workflow, and its item stands here.</p>
    );
  return isPass ? (
    <JsonView title="What the pass begins with" value={value} dragRoot="input" />
  ) : (
    <JsonView title="What the run starts with" value={value} dragRoot="trigger" />
  );
}

function Merged({ sources, input }: { sources: Source[]; input: Json | undefined }) {
  return (
    <>
      {input === undefined ? (
        <Nothing label={sources.map((source) => source.label).join("”, “")} />
      ) : (
        <JsonView title="Merged" value={input} dragRoot="input" />
      )}
      {sources.map(
        ({ id, label, sample }) =>
          sample && <Folded key={id} title={label} value={sample.value} path={expressionFor(id)} />,
      )}
    </>
  );
}

function Nothing({ label }: { label: string }) {
  return (
    <p className={styles.hint}>
      “{label}” has put nothing out yet. Run the workflow up to here, or pin a value there, and it stands here
      to build on.
    </p>
  );
}

function Folded({ title, value, path }: { title: string; value: Json; path: string }) {
  return (
    <details className={styles.folded}>
      <summary>{title}</summary>
      <JsonView title={path} value={value} dragRoot={path} />
    </details>
  );
}
