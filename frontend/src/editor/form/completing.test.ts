import { describe, expect, it } from "vitest";

import { type Known, type Language, suggestionsAt, valueAt } from "./completing";

const KNOWN: Known = {
  input: { total: 120, items: [{ price: 60, "unit price": 1 }], customer: { name: "Ada" } },
  trigger: { who: "Ada" },
  outputs: { fetch: { total: 120 }, "http-1": { status: 200 } },
  labels: { fetch: "Fetch orders", "http-1": "Call", quiet: "quiet" },
  loop: { index: 2, item: { sku: "A-1" } },
};

/** The text with `|` where the caret stands → what each suggestion would make of it. */
function offered(marked: string, language: Language = "template"): string[] {
  const caret = marked.indexOf("|");
  const text = marked.replace("|", "");
  const found = suggestionsAt(text, caret, language, KNOWN);
  return found?.options.map((option) => text.slice(0, found.from) + option.insert + text.slice(caret)) ?? [];
}

describe("where an expression is written", () => {
  it("offers nothing in plain text, before and behind the braces", () => {
    expect(offered("in|")).toEqual([]);
    expect(offered("in| {{ x }}")).toEqual([]);
    expect(offered("{{ x }} in|")).toEqual([]);
  });

  it("offers what a loop has, and the fields of its item", () => {
    expect(offered("{{ i|")).toEqual(expect.arrayContaining(["{{ item", "{{ index"]));
    expect(offered("{{ item.|")).toEqual(["{{ item.sku"]);
    expect(valueAt("index", KNOWN)).toBe(2);
  });

  it("offers the roots and the nodes before this one", () => {
    const options = offered("{{ | }}");
    expect(options.slice(0, 2)).toEqual(["{{ input }}", "{{ trigger }}"]);
    expect(options).toContain("{{ nodes.fetch }}");
    expect(options).toContain('{{ nodes["http-1"] }}');
  });

  it("narrows them by what is typed", () => {
    expect(offered("a {{ inp|")).toEqual(["a {{ input"]);
    expect(offered("{{ len(inp|) }}")).toEqual(["{{ len(input) }}"]);
  });

  it("needs no braces in a field that is an expression", () => {
    expect(offered("sum(i.price for i in input.ite|", "python")).toEqual([
      "sum(i.price for i in input.items",
    ]);
  });
});

describe("fields", () => {
  it("come from the last values", () => {
    expect(offered("{{ input.| }}")).toEqual([
      "{{ input.total }}",
      "{{ input.items }}",
      "{{ input.customer }}",
    ]);
    expect(offered("{{ input.customer.n| }}")).toEqual(["{{ input.customer.name }}"]);
    expect(offered("{{ nodes.fetch.| }}")).toEqual(["{{ nodes.fetch.total }}"]);
    expect(offered("{{ fetch.t| }}")).toEqual(["{{ fetch.total }}"]);
  });

  it("lead into lists and through names that need brackets", () => {
    expect(offered("{{ input.items.| }}")).toEqual(["{{ input.items[0] }}"]);
    expect(offered("{{ input.items[0].u| }}")).toEqual(['{{ input.items[0]["unit price"] }}']);
    expect(offered("{{ input.items[0].p| }}")[0]).toBe("{{ input.items[0].price }}");
    expect(offered('{{ nodes["http-1"].| }}')).toEqual(['{{ nodes["http-1"].status }}']);
  });

  it("are not made up where nothing is known", () => {
    expect(offered("{{ nodes.quiet.| }}")).toEqual([]);
    expect(offered("{{ input.nothing.| }}")).toEqual([]);
    expect(offered("{{ x.| }}")).toEqual([]);
  });

  it("say what they hold", () => {
    const details = suggestionsAt("{{ input.", 9, "template", KNOWN)!.options.map((option) => option.detail);
    expect(details).toEqual(["120", "list of 1", "object, 1 fields"]);
  });
});

it("finds values by their paths", () => {
  expect(valueAt("input.items[0].price", KNOWN)).toBe(60);
  expect(valueAt('nodes["http-1"].status', KNOWN)).toBe(200);
  expect(valueAt("input.total.deep", KNOWN)).toBeUndefined();
});
