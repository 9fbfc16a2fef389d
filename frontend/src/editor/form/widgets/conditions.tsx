import type { ControlProps } from "../control";
import { blank, type FieldSpec, isShown } from "../fields";
import styles from "../form.module.css";
import { FieldRow } from "../setting";
import { AddButton, GroupInput, itemsOf, Parts, RemoveButton } from "./lists";

type Item = Record<string, unknown>;

/**
 * Rules joined by and/or. The kind's schema says what a rule is made of; where it is an object, its list holds the
 * rules and what stands beside the list says how they are joined.
 */
export function ConditionsInput(props: ControlProps) {
  const { id, label, spec, value, onChange } = props;
  if (spec.schema.type === "array") return <RulesInput {...props} />;
  const list = spec.fields.find((field) => field.schema.type === "array");
  if (!list) return <GroupInput {...props} />;
  const values = (typeof value === "object" && value !== null ? value : {}) as Item;
  const set = (name: string, next: unknown) => onChange({ ...blank(spec.fields), ...values, [name]: next });
  const beside = spec.fields.filter((field) => field !== list);
  return (
    <div className={styles.rows}>
      <Parts id={id} label={label} fields={beside} values={values} onChange={set} />
      <RulesInput
        {...props}
        spec={list}
        id={`${id}-${list.name}`}
        value={values[list.name]}
        onChange={(next) => set(list.name, next)}
      />
    </div>
  );
}

function RulesInput({ id, label, spec, value, onChange }: ControlProps) {
  const rules = itemsOf(value);
  return (
    <div className={styles.rows}>
      {rules.map((rule, index) => (
        <Rule
          key={index}
          id={`${id}-${index}`}
          name={`${label} ${index + 1}`}
          fields={spec.fields}
          rule={rule}
          onChange={(next) => onChange(rules.with(index, next))}
          onRemove={() => onChange(rules.toSpliced(index, 1))}
        />
      ))}
      <AddButton onClick={() => onChange([...rules, blank(spec.fields)])}>Add a condition</AddButton>
    </div>
  );
}

interface RuleProps {
  id: string;
  name: string;
  fields: readonly FieldSpec[];
  rule: Item;
  onChange: (rule: Item) => void;
  onRemove: () => void;
}

function Rule({ id, name, fields, rule, onChange, onRemove }: RuleProps) {
  return (
    <div className={styles.rule} role="group" aria-label={name}>
      <div className={styles.ruleParts}>
        {fields
          .filter((field) => isShown(field, rule, fields))
          .map((field) => (
            <FieldRow
              key={field.name}
              nested
              spec={field}
              id={`${id}-${field.name}`}
              label={`${name} ${field.title.toLowerCase()}`}
              value={rule[field.name] ?? field.schema.default}
              onChange={(next) => onChange({ ...rule, [field.name]: next })}
            />
          ))}
      </div>
      <RemoveButton label={`Remove ${name}`} onClick={onRemove} />
    </div>
  );
}
