import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { setDiagnostics } from "@codemirror/lint";
import { EditorView } from "@codemirror/view";
import CodeMirror from "@uiw/react-codemirror";
import { use, useEffect, useMemo, useState } from "react";

import { type Known, type Language, suggestionsAt } from "../completing";
import { emptied, PATH_DRAG, textOf } from "../control";
import { useFault } from "../preview";
import { HelpContext } from "../previews";
import type { CodeInputProps } from "./code-input";
import { highlighted } from "./languages";

const nonce = () => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

const look = EditorView.theme({
  "&": { fontSize: "12px", backgroundColor: "transparent", color: "var(--ink)" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--font-data)", padding: "6px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 10px" },
  ".cm-placeholder": { color: "var(--ink-faint)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-tooltip": { border: "1px solid var(--line)", backgroundColor: "var(--raised)", color: "var(--ink)" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-data)", minWidth: "260px" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent-wash)",
    color: "var(--ink)",
  },
  ".cm-completionDetail": { color: "var(--ink-faint)", fontStyle: "normal", float: "right" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--accent-wash)" },
});

const severity = "error" as const;

const SETUP = {
  lineNumbers: false,
  foldGutter: false,
  highlightActiveLine: false,
  highlightActiveLineGutter: false,
  autocompletion: false,
  // Its colours are made for white paper only; ours come with the language.
  syntaxHighlighting: false,
};

const readsNames = (language: CodeInputProps["language"]): language is Language =>
  language === "python" || language === "template";

/** The names and fields that this node can read, from what was put out last. */
function completing(language: Language, known: () => Known) {
  const source = ({ state, pos, explicit }: CompletionContext): CompletionResult | null => {
    const found = suggestionsAt(state.doc.toString(), pos, language, known());
    if (!found || (found.from === pos && !explicit && !/[.{([,\s]$/.test(state.sliceDoc(0, pos))))
      return null;
    return {
      from: found.from,
      filter: false,
      options: found.options.map(({ label, detail, insert }) => ({ label, detail, apply: insert })),
    };
  };
  return autocompletion({ override: [source], icons: false });
}

/** A field that is dragged here: with braces into text, as a bare path into an expression. */
function dropping(language: Language) {
  return EditorView.domEventHandlers({
    drop: (event, view) => {
      const path = event.dataTransfer?.getData(PATH_DRAG);
      if (!path || language === "template") return false;
      event.preventDefault();
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY }) ?? view.state.doc.length;
      view.dispatch({ changes: { from: at, insert: path }, selection: { anchor: at + path.length } });
      view.focus();
      return true;
    },
  });
}

/** Text as it stands, or JSON source; which value that makes is the caller's to know. */
export default function CodeEditor(props: CodeInputProps) {
  const { id, label, spec, value, onChange, language, placeholder, describedBy, invalid } = props;
  const { known } = use(HelpContext);
  const [view, setView] = useState<EditorView | null>(null);
  const fault = useFault(id, value, language === "python");
  useEffect(() => {
    const told = fault && fault.to <= (view?.state.doc.length ?? 0) ? [{ ...fault, severity }] : [];
    view?.dispatch(setDiagnostics(view.state, told));
  }, [view, fault]);
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
      highlighted(language),
      ...(readsNames(language) ? [completing(language, known), dropping(language)] : []),
    ],
    [id, label, describedBy, invalid, language, known],
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
      onCreateEditor={setView}
      placeholder={placeholder ?? spec.placeholder}
    />
  );
}
