import { describe, expect, it } from "vitest";

import { fieldDifferences, SHOWN_AT_MOST } from "./json-diff";

describe("fields that differ", () => {
  it("are told each with its path and both values", () => {
    const one = { id: 7, customer: { name: "Ada", city: "Bern" }, rows: [1, 2] };
    const other = { id: 7, customer: { name: "Grace", city: "Bern" }, rows: [1, 2, 3], "a b": true };
    expect(fieldDifferences(one, other)).toEqual([
      { path: "customer.name", one: "Ada", other: "Grace" },
      { path: "rows[2]", one: undefined, other: 3 },
      { path: '["a b"]', one: undefined, other: true },
    ]);
  });

  it("are the whole where the two are of different sorts", () => {
    expect(fieldDifferences([1], { a: 1 })).toEqual([{ path: "", one: [1], other: { a: 1 } }]);
    expect(fieldDifferences(undefined, 1)).toEqual([{ path: "", one: undefined, other: 1 }]);
  });

  it("are none for equal values, and not without end", () => {
    expect(fieldDifferences({ a: [1] }, { a: [1] })).toEqual([]);
    const zeros = Array.from({ length: 500 }, () => 0);
    expect(
      fieldDifferences(
        zeros,
        zeros.map(() => 1),
      ),
    ).toHaveLength(SHOWN_AT_MOST);
  });
});
