import { lazy, Suspense } from "react";

import type { ControlProps } from "../control";
import styles from "../form.module.css";
import { Preview } from "../preview";

export interface CodeInputProps extends ControlProps {
  /** `template` is text with `{{ … }}` in it. */
  language: "python" | "template" | "json" | "javascript" | "jq";
  placeholder?: string;
  hasPreview?: boolean;
}

// The code editor weighs more than the rest of the panel together, and most nodes are set up without it.
const CodeEditor = lazy(() => import("./code-editor"));

export function CodeInput(props: CodeInputProps) {
  return (
    <>
      <div className={styles.code} data-language={props.language} data-invalid={props.invalid || undefined}>
        <Suspense fallback={null}>
          <CodeEditor {...props} />
        </Suspense>
      </div>
      {props.language !== "json" && props.hasPreview !== false && (
        <Preview id={props.id} value={props.value} bare={props.language === "python"} />
      )}
    </>
  );
}
