export {
  addNote,
  freeId,
  groupNodes,
  groupsOf,
  moveNotes,
  recolour,
  setGroup,
  setNote,
  ungroup,
} from "./annotations";
export { applyChanges, type Change, type Document } from "./changes";
export { copyText, paste, readClipping } from "./clipboard";
export { connect, insertNode, move, nudge, reconnect, remove, rename, setDisabled, type Spot } from "./edits";
export { makeEdgeId, makeNodeId } from "./ids";
export { setSetting } from "./settings";
export { commit, type Edit, type History, redo, startHistory, undo } from "./history";
export { replaceBy } from "./replacing";
export { fold, moveInto, outermost, settle } from "./containers";
