import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { EditorView } from "@codemirror/view";
import CodeMirror from "@uiw/react-codemirror";
import { useMemo } from "react";

import { emptied, textOf } from "../control";
import type { CodeInputProps } from "./code-input";

const nonce = () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

const look = EditorView.theme({
  "&": { fontSize: "12px", backgroundColor: "transparent", color: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--font-data)", padding: "6px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 10px" },
  ".cm-placeholder": { color: "var(--ink-faint)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-wash)" },
});

const SETUP = {
  lineNumbers: false,
  foldGutter: false,
  highlightActiveLine: false,
  highlightActiveLineGutter: false,
  autocompletion: false,
  // Its colours are made for white paper only.
  syntaxHighlighting: false,
};

/** Text as it stands, or JSON source; which value that makes is the caller's to know. */
export default function CodeEditor(props: CodeInputProps) {
  const { id, label, spec, value, onChange, language, placeholder, describedBy, invalid } = props;
  const extensions = useMemo(
    () => [
      EditorView.cspNonce.of(nonce()),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        id,
        "aria-label": label,
        ...(describedBy ? { "aria-describedby": describedBy } : {}),
        ...(invalid ? { "aria-invalid": "true" } : {}),
      }),
      look,
      ...(language === "python" ? [python()] : language === "json" ? [json()] : []),
    ],
    [id, label, describedBy, invalid, language],
  );
  return (
    <CodeMirror
      value={textOf(value)}
      onChange={(text) => onChange(emptied(spec, text))}
      theme="none"
      basicSetup={SETUP}
      // Tab leads on to the next field, as everywhere else.
      indentWithTab={false}
      extensions={extensions}
      placeholder={placeholder ?? spec.placeholder}
    />
  );
}
