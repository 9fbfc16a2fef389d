import type { Kind, Schema } from "@/canvas/graph";

import { type FieldSpec, fieldsOf } from "../form";

/** What every node can be told, whatever its kind. The same form language as the kinds' own settings. */
const COMMON: Schema = {
  type: "object",
  properties: {
    notes: {
      type: "string",
      title: "Notes",
      "x-widget": "multiline",
      description: "For who reads this later. It changes nothing of what the node does.",
    },
    disabled: {
      type: "boolean",
      title: "Disabled",
      default: false,
      description: "A disabled node does nothing and passes its input through.",
    },
    on_error: {
      title: "On error",
      default: "stop",
      description:
        "What follows when every try has failed. By the error exit the fault goes on as data, to be handled there.",
      oneOf: [
        { const: "stop", title: "Stop the run" },
        { const: "continue", title: "Go on by the plain exit" },
        { const: "error", title: "Take the error exit" },
      ],
    },
    retry: {
      type: "object",
      title: "Retry",
      description: "Only for faults that may go away: a wrong setting is not tried again.",
      properties: {
        count: {
          type: "integer",
          title: "Count",
          default: 0,
          minimum: 0,
          maximum: 20,
          description: "How often it is tried again after the first time, at most 20.",
        },
        delay: {
          type: "number",
          title: "Delay",
          default: 1,
          minimum: 0,
          description: "Seconds before the next try, at most a day.",
        },
        backoff: {
          title: "Back-off",
          default: "fixed",
          description: "A far side that is overloaded is helped by longer and longer pauses.",
          oneOf: [
            { const: "fixed", title: "The same delay each time" },
            { const: "linear", title: "Longer by as much each time" },
            { const: "exponential", title: "Twice as long each time" },
          ],
        },
      },
    },
    timeout: {
      type: "number",
      title: "Timeout",
      description: "Seconds until a try counts as failed, at most a day. Empty: as long as it takes.",
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
      description:
        "What may happen when the server dies while this node is at work. Empty: what its kind does by itself. Safe is " +
        "right for what only reads; keyed when the other side tells a repeat by the Idempotency-Key that we send; once " +
        "fails visibly instead of acting twice.",
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
