import { COLOURS, type NodeGroup, type NoteColour, snap, type StickyNote, type XY } from "@/canvas/graph";

import type { Change, Document } from "./changes";
import type { Edit } from "./history";

const NOTE_SIZE = { width: 240, height: 160 };

export function freeId(stem: string, taken: readonly { id: string }[]): string {
  const ids = new Set(taken.map((item) => item.id));
  for (let n = 1; ; n++) if (!ids.has(`${stem}_${n}`)) return `${stem}_${n}`;
}

export function addNote(document: Document, at: XY): Edit & { id: string } {
  const id = freeId("note", document.notes);
  const note: StickyNote = { id, text: "", position: snap(at), ...NOTE_SIZE, colour: "yellow" };
  return { label: "Add note", changes: [{ type: "note.put", note }], id };
}

export function setNote(document: Document, id: string, patch: Partial<StickyNote>): Edit {
  const note = document.notes.find((candidate) => candidate.id === id);
  const changes: Change[] = note ? [{ type: "note.put", note: { ...note, ...patch } }] : [];
  return { label: "Change note", changes };
}

export function moveNotes(document: Document, moves: Iterable<readonly [string, XY]>): Change[] {
  const notes = new Map(document.notes.map((note) => [note.id, note]));
  return Array.from(moves).flatMap(([id, position]): Change[] => {
    const note = notes.get(id);
    return note ? [{ type: "note.put", note: { ...note, position } }] : [];
  });
}

/** A frame around these nodes; whichever group had one of them before gives it up. */
export function groupNodes(document: Document, ids: readonly string[]): Edit {
  const group: NodeGroup = {
    id: freeId("group", document.groups),
    title: "Group",
    nodes: [...ids],
    collapsed: false,
    colour: "grey",
  };
  return { label: "Group", changes: [...leave(document, ids), { type: "group.put", group }] };
}

/** The changes by which nodes leave their groups; a group goes with its last one. */
export function leave(document: Document, ids: Iterable<string>): Change[] {
  const going = new Set(ids);
  return document.groups.flatMap((group): Change[] => {
    const nodes = group.nodes.filter((id) => !going.has(id));
    if (nodes.length === group.nodes.length) return [];
    return nodes.length > 0
      ? [{ type: "group.put", group: { ...group, nodes } }]
      : [{ type: "group.remove", id: group.id }];
  });
}

export function setGroup(document: Document, id: string, patch: Partial<NodeGroup>): Edit {
  const group = document.groups.find((candidate) => candidate.id === id);
  const changes: Change[] = group ? [{ type: "group.put", group: { ...group, ...patch } }] : [];
  return { label: "Change group", changes };
}

/** The groups that any of these nodes lie in. */
export function groupsOf(document: Document, ids: ReadonlySet<string>): NodeGroup[] {
  return document.groups.filter((group) => group.nodes.some((id) => ids.has(id)));
}

export function ungroup(document: Document, ids: ReadonlySet<string>): Edit {
  return {
    label: "Ungroup",
    changes: groupsOf(document, ids).map(({ id }) => ({ type: "group.remove", id })),
  };
}

/** The next colour in turn for these notes, and for the groups that any of these nodes lie in. */
export function recolour(document: Document, nodes: ReadonlySet<string>, notes: ReadonlySet<string>): Edit {
  return {
    label: "Change colour",
    changes: [
      ...document.notes
        .filter((note) => notes.has(note.id))
        .map((note): Change => ({ type: "note.put", note: { ...note, colour: after(note.colour) } })),
      ...groupsOf(document, nodes).map((group): Change => ({
        type: "group.put",
        group: { ...group, colour: after(group.colour) },
      })),
    ],
  };
}

const after = (colour: NoteColour | undefined) =>
  COLOURS[(COLOURS.indexOf(colour ?? "grey") + 1) % COLOURS.length]!;
