export { type FieldSpec, fieldsOf } from "./fields";
export { createForm, type Form } from "./form-store";
export { Setting } from "./setting";
