export { type FieldSpec, fieldsOf } from "./fields";
export { createForm, type Form } from "./form-store";
export { type Known } from "./completing";
export { type Help, HelpContext, Previews } from "./previews";
export { Setting } from "./setting";
