import type { Kind, Schema } from "@/canvas/graph";

import { type FieldSpec, fieldsOf } from "../form";

/** What every node can be told, whatever its kind. The same form language as the kinds' own settings. */
const COMMON: Schema = {
  type: "object",
  properties: {
    notes: { type: "string", title: "Notes", "x-widget": "multiline" },
    disabled: {
      type: "boolean",
      title: "Disabled",
      default: false,
      description: "A disabled node does nothing and passes its input through.",
    },
    on_error: {
      title: "On error",
      default: "stop",
      oneOf: [
        { const: "stop", title: "Stop the run" },
        { const: "continue", title: "Go on by the plain exit" },
        { const: "error", title: "Take the error exit" },
      ],
    },
    retry: {
      type: "object",
      title: "Retry",
      properties: {
        count: { type: "integer", title: "Count", default: 0, minimum: 0 },
        delay: {
          type: "number",
          title: "Delay",
          default: 1,
          minimum: 0,
          description: "Seconds before the next try.",
        },
        backoff: {
          title: "Back-off",
          default: "fixed",
          oneOf: [
            { const: "fixed", title: "The same delay each time" },
            { const: "exponential", title: "Twice as long each time" },
          ],
        },
      },
    },
    timeout: {
      type: "number",
      title: "Timeout",
      description: "Seconds until a try counts as failed.",
      minimum: 0,
    },
    compensate: {
      type: "boolean",
      title: "Can be undone",
      default: false,
      description: "Adds an exit to the step that undoes this one when a later step fails.",
    },
    repeat: {
      title: "Repeat after a crash",
      description: "What may happen when the server stops while this node is at work.",
      oneOf: [
        { const: "safe", title: "Safe: do it again" },
        { const: "keyed", title: "Keyed: the other side knows our token" },
        { const: "once", title: "Once: never again by itself" },
      ],
    },
  },
};

const ALWAYS = new Set(["notes", "disabled"]);
const FIELDS = fieldsOf(COMMON, false);

/** A trigger cannot fail, so it is not asked about failing; what the kind asks itself is not asked twice. */
export function commonFields(kind: Kind | undefined): FieldSpec[] {
  const own = new Set(Object.keys(kind?.schema.properties ?? {}));
  return FIELDS.filter(
    ({ name }) => (ALWAYS.has(name) || (kind && !kind.is_trigger && kind.can_fail)) && !own.has(name),
  );
}
