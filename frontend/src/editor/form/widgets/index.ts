import { type ComponentType, createElement } from "react";

import type { ControlProps } from "../control";
import type { Widget } from "../fields";
import { ExpressionInput, JsonInput, SourceInput } from "./code";
import { ConditionsInput } from "./conditions";
import { CasesInput, GroupInput, ListInput } from "./lists";
import { KeyValuesInput, MappingInput } from "./pairs";
import { CredentialInput, CronInput, DateInput, TimezoneInput, WorkflowInput } from "./pickers";
import {
  ChoicesInput,
  MultilineInput,
  NumberInput,
  SelectInput,
  SwitchInput,
  TextInput,
  TextsInput,
} from "./simple";

const CONTROLS: Record<Widget, ComponentType<ControlProps>> = {
  text: TextInput,
  multiline: MultilineInput,
  number: NumberInput,
  duration: NumberInput,
  switch: SwitchInput,
  select: SelectInput,
  choices: ChoicesInput,
  texts: TextsInput,
  key_values: KeyValuesInput,
  mapping: MappingInput,
  conditions: ConditionsInput,
  cases: CasesInput,
  list: ListInput,
  group: GroupInput,
  cron: CronInput,
  timezone: TimezoneInput,
  date: DateInput,
  credential: CredentialInput,
  workflow: WorkflowInput,
  expression: ExpressionInput,
  code: SourceInput,
  json: JsonInput,
};

/** The control for a field, by its widget. */
export const Control = (props: ControlProps) => createElement(CONTROLS[props.spec.widget], props);
