import { highlightTree, tagHighlighter, tags } from "@lezer/highlight";
import { expect, it } from "vitest";

import { jq } from "./languages";

const names = tagHighlighter([
  { tag: tags.keyword, class: "word" },
  { tag: tags.string, class: "text" },
  { tag: tags.number, class: "number" },
  { tag: tags.propertyName, class: "key" },
  { tag: tags.function(tags.variableName), class: "function" },
  { tag: tags.comment, class: "comment" },
]);

function pieces(source: string): string[] {
  const found: string[] = [];
  highlightTree(jq.parser.parse(source), names, (from, to, name) =>
    found.push(`${name} ${source.slice(from, to)}`),
  );
  return found;
}

it("tells the pieces of a jq filter apart", () => {
  expect(pieces('.items | map(select(.price > 10.5 and .name != "a \\" b")) # dear ones')).toEqual([
    "key .items",
    "function map",
    "function select",
    "key .price",
    "number 10.5",
    "word and",
    "key .name",
    'text "a \\" b"',
    "comment # dear ones",
  ]);
});
