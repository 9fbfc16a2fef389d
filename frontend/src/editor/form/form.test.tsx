import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Schema } from "@/canvas/graph";
import { TooltipProvider } from "@/ui";

import { createForm, fieldsOf, type Form, Setting } from "./index";

const RULES: Schema = {
  type: "array",
  items: {
    anyOf: [
      {
        type: "object",
        properties: {
          left: { title: "Value", "x-widget": "text" },
          operator: { type: "string", enum: ["eq", "equals", "is_empty", "between"] },
          right: { title: "Compare with", "x-widget": "text" },
        },
        required: ["left", "operator"],
      },
      { type: "object", properties: { rules: { type: "array" } } },
    ],
  },
  "x-operators": { string: ["equals", "is_empty"], number: ["eq", "between"] },
  "x-without-right": ["is_empty"],
};

const SCHEMA: Schema = {
  type: "object",
  required: ["url"],
  properties: {
    method: { type: "string", enum: ["GET", "POST"], default: "GET", title: "Method" },
    url: { type: "string", title: "URL", description: "Where to." },
    body: { type: "string", title: "Body", "x-widget": "multiline", "x-show-if": { method: ["POST"] } },
    count: { anyOf: [{ type: "integer" }, { type: "null" }], title: "Count" },
    wait: { type: "boolean", title: "Wait", default: false },
    headers: { type: "array", items: { $ref: "#/$defs/Pair" }, title: "Headers", "x-widget": "key_values" },
    fields: { type: "object", additionalProperties: true, title: "Fields", "x-widget": "mapping" },
    methods: { type: "array", items: { enum: ["GET", "PUT"] }, title: "Methods" },
    conditions: { ...RULES, title: "Conditions", "x-widget": "conditions" },
    cases: { type: "array", items: { $ref: "#/$defs/Case" }, title: "Cases", "x-widget": "cases" },
    retry: {
      type: "object",
      title: "Retry",
      properties: {
        count: { type: "integer", title: "Count", default: 0 },
        delay: { type: "number", default: 1 },
      },
    },
  },
  $defs: {
    Pair: {
      type: "object",
      required: ["key"],
      properties: { key: { type: "string", title: "Name" }, value: { type: "string", title: "Value" } },
    },
    Case: {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string", title: "Name" },
        logic: { enum: ["and", "or"], default: "and", title: "Joined by" },
      },
    },
  },
};

const commit = vi.fn<(name: string, value: unknown) => void>();

function show(values: Record<string, unknown> = {}): Form {
  const specs = fieldsOf(SCHEMA, true);
  const form = createForm(values, commit);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TooltipProvider>
        {specs.map((spec) => (
          <Setting key={spec.name} form={form} spec={spec} all={specs} error={undefined} />
        ))}
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return form;
}

const stored = (form: Form, name: string) => form.store.getState().values[name];

beforeEach(() => void commit.mockReset());

describe("a field made from the schema", () => {
  it("goes by its title and has a stable id", () => {
    show();
    expect(screen.getByLabelText("URL")).toHaveAttribute("id", "setting-url");
    expect(screen.getByLabelText("URL")).toHaveAccessibleDescription("Where to.");
  });

  it("shows a default without setting it", () => {
    const form = show();
    expect(screen.getByLabelText("Method")).toHaveValue("GET");
    expect(stored(form, "method")).toBeUndefined();
  });

  it("is seen only when the fields it hangs on say so", async () => {
    show();
    expect(screen.queryByLabelText("Body")).toBeNull();
    await userEvent.selectOptions(screen.getByLabelText("Method"), "POST");
    expect(screen.getByLabelText("Body")).toBeVisible();
  });

  it("keeps a number's type, and unsets an emptied one", async () => {
    const form = show({ count: 3 });
    const count = screen.getByRole("textbox", { name: "Count" });
    await userEvent.clear(count);
    expect(stored(form, "count")).toBeUndefined();
    await userEvent.type(count, "42");
    expect(stored(form, "count")).toBe(42);
    await userEvent.type(count, "x");
    expect(stored(form, "count")).toBe(42);
    expect(count).toBeInvalid();
  });

  it("switches and ticks", async () => {
    const form = show();
    await userEvent.click(screen.getByRole("switch", { name: "Wait" }));
    await userEvent.click(screen.getByRole("checkbox", { name: "PUT" }));
    expect(stored(form, "wait")).toBe(true);
    expect(stored(form, "methods")).toEqual(["PUT"]);
  });

  it("turns a fixed value into an expression and back", async () => {
    const form = show({ count: 3, wait: true });
    const toggles = screen.getAllByRole("button", { name: "Computed" });
    const of = (id: string) => toggles.find((toggle) => toggle.getAttribute("aria-describedby") === id)!;
    await userEvent.click(of("setting-count-label"));
    expect(stored(form, "count")).toBe("{{ 3 }}");
    await userEvent.click(of("setting-count-label"));
    expect(stored(form, "count")).toBe(3);
    await userEvent.click(of("setting-wait-label"));
    expect(stored(form, "wait")).toBe("{{ True }}");
  });
});

describe("rows of names and values", () => {
  it("are added, filled and removed, and half-written ones stay out", async () => {
    const form = show();
    await userEvent.click(screen.getByRole("button", { name: "Add to headers" }));
    await userEvent.click(screen.getByRole("button", { name: "Add to headers" }));
    await userEvent.type(screen.getByLabelText("Headers 2 name"), "X-A");
    expect(stored(form, "headers")).toEqual([{ key: "X-A", value: "" }]);
    await userEvent.click(screen.getByRole("button", { name: "Remove Headers 2" }));
    expect(stored(form, "headers")).toEqual([]);
  });

  it("of a mapping keep the types of what they hold", async () => {
    const form = show({ fields: { total: 3, name: "Ada" } });
    expect(screen.getByLabelText("Fields 1 type")).toHaveValue("json");
    await userEvent.clear(screen.getByLabelText("Fields 1 value"));
    await userEvent.type(screen.getByLabelText("Fields 1 value"), "7");
    await userEvent.type(screen.getByLabelText("Fields 2 value"), "!");
    expect(stored(form, "fields")).toEqual({ total: 7, name: "Ada!" });
  });
});

describe("conditions", () => {
  it("offer one rule to fill in, with the operators of its type", async () => {
    const form = show();
    await userEvent.type(screen.getByLabelText("Conditions 1 value"), "a");
    await userEvent.selectOptions(screen.getByLabelText("Conditions 1 type"), "number");
    expect(stored(form, "conditions")).toEqual([{ left: "a", type: "number", operator: "eq", right: "" }]);
    await userEvent.selectOptions(screen.getByLabelText("Conditions 1 operator"), "between");
    await userEvent.type(screen.getByLabelText("Conditions 1 highest"), "9");
    expect(stored(form, "conditions")).toMatchObject([{ right: ["", "9"] }]);
  });

  it("drop the other side where the operator has none", async () => {
    const form = show({ conditions: [{ left: "a", operator: "equals", right: "b" }] });
    await userEvent.selectOptions(screen.getByLabelText("Conditions 1 operator"), "is_empty");
    expect(screen.queryByLabelText("Conditions 1 compare with")).toBeNull();
    expect(stored(form, "conditions")).toEqual([{ left: "a", operator: "is_empty" }]);
  });

  it("nest in groups", async () => {
    const form = show();
    await userEvent.click(screen.getByRole("button", { name: "Add a group" }));
    await userEvent.type(screen.getByLabelText("Conditions 2 1 value"), "z");
    expect(stored(form, "conditions")).toMatchObject([{}, { logic: "or", rules: [{ left: "z" }] }]);
  });
});

describe("cases", () => {
  it("never hand on an empty or doubled name", async () => {
    const form = show({ cases: [{ name: "big" }, { name: "small" }] });
    const name = screen.getByLabelText("Cases 2 name");
    await userEvent.clear(name);
    expect(stored(form, "cases")).toEqual([{ name: "big" }, { name: "small" }]);
    await userEvent.type(name, "big");
    expect(stored(form, "cases")).toEqual([{ name: "big" }, { name: "bi" }]);
    expect(name).toBeInvalid();
    await userEvent.type(name, "ger");
    expect(stored(form, "cases")).toEqual([{ name: "big" }, { name: "bigger" }]);
  });
});

describe("a group", () => {
  it("brings its defaults along with the first value", async () => {
    const form = show();
    const retry = screen.getByRole("group", { name: "Retry" });
    await userEvent.clear(within(retry).getByLabelText("Retry count"));
    await userEvent.type(within(retry).getByLabelText("Retry count"), "2");
    expect(stored(form, "retry")).toEqual({ count: 2, delay: 1 });
  });
});

describe("the form", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("tells the document when the hand rests, once", () => {
    const form = createForm({}, commit);
    for (const url of ["h", "ht", "htt"]) form.set("url", url);
    expect(commit).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(commit.mock.calls).toEqual([["url", "htt"]]);
  });

  it("takes over what changed elsewhere, but not what is being typed", () => {
    const form = createForm({ url: "a", method: "GET" }, commit);
    form.set("url", "b");
    form.sync({ url: "undone", method: "POST" });
    expect(form.store.getState().values).toEqual({ url: "b", method: "POST" });
    form.flush();
    form.sync({ url: "a", method: "POST" });
    expect(form.store.getState().values.url).toBe("a");
  });
});
