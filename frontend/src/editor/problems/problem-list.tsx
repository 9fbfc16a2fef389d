import { CircleAlert } from "lucide-react";

import type { ProblemField } from "@/api";
import { nodeIndex } from "@/canvas/graph";

import { goTo } from "../commands";
import { type Editor, useDocument, useEditor } from "../editor";
import styles from "./problems.module.css";

/** What is wrong with the draft; each line leads to its place. */
export function ProblemList({ problems, onGo }: { problems: readonly ProblemField[]; onGo: () => void }) {
  const editor = useEditor();
  const nodes = useDocument((document) => document.nodes);
  return (
    <ul className={styles.list}>
      {problems.map((problem) => {
        const node = problem.node_id ? nodeIndex(nodes).get(problem.node_id) : undefined;
        const text = (
          <>
            <CircleAlert size={14} aria-hidden />
            <span>
              {node && <strong>{editor.catalogue.label(node)}: </strong>}
              {problem.message}
            </span>
          </>
        );
        return (
          <li key={`${problem.path} ${problem.code} ${problem.message}`}>
            {node ? (
              <button
                type="button"
                onClick={() => {
                  onGo();
                  goTo(editor, node.id);
                  focusField(editor, problem.field);
                }}
              >
                {text}
              </button>
            ) : (
              <p>{text}</p>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** The inspector is on the page one frame after its node was selected. */
function focusField({ view }: Editor, field: string | null | undefined) {
  requestAnimationFrame(() => {
    const name = field?.split(/[.[]/)[0];
    const input = name ? document.getElementById(`setting-${name}`) : null;
    if (input) input.focus();
    else view.focus();
  });
}
