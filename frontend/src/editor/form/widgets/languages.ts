import { javascript } from "@codemirror/lang-javascript";
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";

/** The colours that data has everywhere, so that both themes are legible. */
const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.bool, tags.null, tags.self, tags.atom], color: "var(--json-word)" },
    { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--json-text)" },
    { tag: tags.number, color: "var(--json-number)" },
    { tag: [tags.propertyName, tags.function(tags.variableName)], color: "var(--json-key)" },
    { tag: tags.comment, color: "var(--ink-soft)", fontStyle: "italic" },
  ]),
);

const JQ_WORDS =
  /^(?:if|then|elif|else|end|as|def|reduce|foreach|try|catch|label|break|and|or|not|null|true|false)\b/;

/** What each piece of a jq filter is; the first that fits. */
const JQ: readonly (readonly [RegExp, string])[] = [
  [/^#.*/, "comment"],
  [/^"(?:[^"\\]|\\.)*"?/, "string"],
  [/^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/, "number"],
  [/^\.[A-Za-z_]\w*/, "propertyName"],
  [/^\$\w+/, "variableName"],
  [JQ_WORDS, "keyword"],
  [/^[A-Za-z_]\w*/, "variableName.function"],
];

export const jq = StreamLanguage.define({
  name: "jq",
  token: (stream) => {
    for (const [pattern, name] of JQ) if (stream.match(pattern)) return name;
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: "#" } },
});

const LANGUAGES = { python, json, javascript, jq: () => jq, template: () => [] };

/** Text with expressions in it stays as it is. */
export const highlighted = (language: keyof typeof LANGUAGES): Extension => [LANGUAGES[language](), colours];
