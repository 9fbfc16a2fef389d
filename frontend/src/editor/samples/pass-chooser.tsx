import { ChevronLeft, ChevronRight } from "lucide-react";

import type { Samples } from "@/api";
import { containersAround, nodeIndex } from "@/canvas/graph";
import { IconButton } from "@/ui";

import { useDocument, useEditor, useEditorState } from "../editor";
import styles from "./panes.module.css";

/** For a node in containers: of which of their passes values are shown, and in which its parts run. */
export function PassChooser({ id, samples }: { id: string; samples: Samples | undefined }) {
  const document = useDocument((current) => current);
  const node = nodeIndex(document.nodes).get(id);
  const around = node ? containersAround(document, node) : [];
  return around.map((container) => (
    <OfContainer key={container} id={container} known={samples?.passes[container]?.known} />
  ));
}

function OfContainer({ id, known }: { id: string; known: number | undefined }) {
  const { catalogue, store } = useEditor();
  const number = useEditorState((state) => state.passes[id] ?? 0);
  const label = useDocument((document) => catalogue.label(nodeIndex(document.nodes).get(id)!));
  const choose = (next: number) => store.setState(({ passes }) => ({ passes: { ...passes, [id]: next } }));
  return (
    <div className={styles.pass} role="group" aria-label={`Pass of ${label}`}>
      <span>
        In pass <output>{number + 1}</output>
        {known !== undefined && known > number && ` of ${known}`} of “{label}”
      </span>
      <IconButton
        small
        icon={ChevronLeft}
        label="The pass before"
        disabled={number === 0}
        onClick={() => choose(number - 1)}
      />
      <IconButton
        small
        icon={ChevronRight}
        label="The next pass"
        disabled={known === undefined || number + 1 >= known}
        onClick={() => choose(number + 1)}
      />
    </div>
  );
}
