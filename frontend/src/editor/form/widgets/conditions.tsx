import type { Schema } from "@/canvas/graph";
import { Input, Select } from "@/ui";

import { type ControlProps, textOf } from "../control";
import type { FieldSpec } from "../fields";
import styles from "../form.module.css";
import { humanised } from "../fields";
import { FieldRow } from "../setting";
import { type Item, itemsOf } from "./lists";
import { AddButton, RemoveButton } from "./row-buttons";

/** The operators by type of value, and those that compare with nothing, as the kind's schema lists them. */
interface Language {
  operators: Record<string, string[]>;
  withoutRight: ReadonlySet<string>;
  left: FieldSpec | undefined;
  right: FieldSpec | undefined;
}

function languageOf({ schema, fields }: FieldSpec): Language {
  const hints = schema as Schema & { "x-operators"?: Record<string, string[]>; "x-without-right"?: string[] };
  const operator = fields.find((field) => field.name === "operator");
  return {
    operators: hints["x-operators"] ?? { any: operator?.options.map((option) => String(option.value)) ?? [] },
    withoutRight: new Set(hints["x-without-right"] ?? []),
    left: fields.find((field) => field.name === "left"),
    right: fields.find((field) => field.name === "right"),
  };
}

/** Rules, and groups of rules joined by their own and/or. */
export function ConditionsInput({ id, label, spec, value, onChange }: ControlProps) {
  return <Rules id={id} label={label} language={languageOf(spec)} value={value} onChange={onChange} />;
}

interface RulesProps extends Pick<ControlProps, "id" | "label" | "value" | "onChange"> {
  language: Language;
}

function Rules({ id, label, language, value, onChange }: RulesProps) {
  const written = itemsOf(value);
  // An empty list could not be met: one rule stands ready to be filled in.
  const rules = written.length > 0 ? written : [newRule(language)];
  return (
    <div className={styles.rows}>
      {rules.map((rule, index) => (
        <RuleOrGroup
          key={index}
          id={`${id}-${index}`}
          label={`${label} ${index + 1}`}
          language={language}
          rule={rule}
          onChange={(next) => onChange(rules.with(index, next))}
          onRemove={() => onChange(rules.toSpliced(index, 1))}
        />
      ))}
      <div className={styles.adds}>
        <AddButton onClick={() => onChange([...rules, newRule(language)])}>Add a rule</AddButton>
        <AddButton onClick={() => onChange([...rules, { logic: "or", rules: [newRule(language)] }])}>
          Add a group
        </AddButton>
      </div>
    </div>
  );
}

function newRule({ operators }: Language): Item {
  const type = "string" in operators ? "string" : (Object.keys(operators)[0] ?? "any");
  const operator = operators[type]?.[0] ?? "";
  return { left: "", ...(type === "any" ? {} : { type }), operator, right: "" };
}

interface RuleProps {
  id: string;
  label: string;
  language: Language;
  rule: Item;
  onChange: (rule: Item) => void;
  onRemove: () => void;
}

function RuleOrGroup(props: RuleProps) {
  const { id, label, rule, language, onChange, onRemove } = props;
  return (
    <div className={styles.rule} role="group" aria-label={label}>
      {Array.isArray(rule.rules) ? (
        <div className={styles.ruleParts}>
          <Select
            id={`${id}-logic`}
            aria-label={`${label} joined by`}
            value={textOf(rule.logic) || "and"}
            onChange={(event) => onChange({ ...rule, logic: event.target.value })}
          >
            <option value="and">All of these hold</option>
            <option value="or">Any of these holds</option>
          </Select>
          <Rules
            id={`${id}-rules`}
            label={label}
            language={language}
            value={rule.rules}
            onChange={(rules) => onChange({ ...rule, rules })}
          />
        </div>
      ) : (
        <RuleParts {...props} />
      )}
      <RemoveButton label={`Remove ${label}`} onClick={onRemove} />
    </div>
  );
}

/** A rule that does not say its type has the first in which its operator is found. */
function typeOf(rule: Item, operators: Language["operators"]): string {
  if (typeof rule.type === "string" && rule.type in operators) return rule.type;
  const found = Object.entries(operators).find(([, names]) => names.includes(textOf(rule.operator)));
  return found?.[0] ?? Object.keys(operators)[0] ?? "any";
}

function RuleParts({ id, label, language, rule, onChange }: RuleProps) {
  const { operators, withoutRight, left, right } = language;
  const type = typeOf(rule, operators);
  const operator = textOf(rule.operator);
  const names = operators[type] ?? [];
  const choose = (next: Item) => onChange(sided({ ...rule, ...next }, withoutRight));
  const retype = (chosen: string) => {
    const kept = operators[chosen]?.includes(operator) ? operator : operators[chosen]?.[0];
    choose({ type: chosen, operator: kept });
  };
  const part = (spec: FieldSpec | undefined, name: "left" | "right") =>
    spec && (
      <FieldRow
        nested
        spec={spec}
        id={`${id}-${name}`}
        label={`${label} ${spec.title.toLowerCase()}`}
        hint={false}
        value={rule[name]}
        onChange={(next) => onChange({ ...rule, [name]: next ?? "" })}
      />
    );
  return (
    <div className={styles.ruleParts}>
      {part(left, "left")}
      <div className={styles.pair}>
        {type !== "any" && (
          <Select
            id={`${id}-type`}
            aria-label={`${label} type`}
            value={type}
            onChange={(event) => retype(event.target.value)}
          >
            {Object.keys(operators).map((name) => (
              <option key={name} value={name}>
                {TYPE_WORDS[name] ?? humanised(name)}
              </option>
            ))}
          </Select>
        )}
        <Select
          id={`${id}-operator`}
          aria-label={`${label} operator`}
          value={operator}
          onChange={(event) => choose({ operator: event.target.value })}
        >
          {names.map((name) => (
            <option key={name} value={name}>
              {OPERATOR_WORDS[name] ?? humanised(name).toLowerCase()}
            </option>
          ))}
        </Select>
      </div>
      {operator === "between" ? (
        <Between id={id} label={label} rule={rule} onChange={onChange} />
      ) : (
        !withoutRight.has(operator) && part(right, "right")
      )}
    </div>
  );
}

/** Keeps the other side in the shape the operator asks for: none, two, or one. */
function sided(rule: Item, withoutRight: ReadonlySet<string>): Item {
  const operator = textOf(rule.operator);
  const { right, ...rest } = rule;
  if (withoutRight.has(operator)) return rest;
  if (operator === "between") return { ...rest, right: Array.isArray(right) ? right : [right ?? "", ""] };
  return { ...rest, right: Array.isArray(right) ? (right[0] as unknown) : (right ?? "") };
}

function Between({ id, label, rule, onChange }: Omit<RuleProps, "language" | "onRemove">) {
  const ends = Array.isArray(rule.right) ? (rule.right as unknown[]) : ["", ""];
  return (
    <div className={styles.pair}>
      {["lowest", "highest"].map((end, index) => (
        <Input
          key={end}
          id={`${id}-${end}`}
          aria-label={`${label} ${end}`}
          placeholder={humanised(end)}
          value={textOf(ends[index])}
          onChange={(event) => onChange({ ...rule, right: ends.with(index, event.target.value) })}
        />
      ))}
    </div>
  );
}

const TYPE_WORDS: Record<string, string> = { string: "Text", array: "List", boolean: "True or false" };

const OPERATOR_WORDS: Record<string, string> = {
  not_equals: "does not equal",
  not_contains: "does not contain",
  matches: "matches the pattern",
  eq: "=",
  ne: "≠",
  gt: ">",
  gte: "≥",
  lt: "<",
  lte: "≤",
  count_eq: "has as many items as",
  count_gt: "has more items than",
  count_lt: "has fewer items than",
};
