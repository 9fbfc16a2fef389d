import type { Connection, Edge, FinalConnectionState, HandleType, OnConnectStartParams } from "@xyflow/react";

import { legalSources, legalTargets, type Link, PLAIN, refusal } from "@/canvas/graph";
import { toast } from "@/ui";

import { connect, reconnect } from "../document";
import type { Editor } from "../editor";
import { documentOf } from "../store";

function linkOf({ source, sourceHandle, target }: Connection | Edge): Link {
  return { source, sourceHandle: sourceHandle ?? PLAIN, target };
}

/** Drawing connections by mouse: what lights up, what may be dropped where, and what is said when it may not. */
export function connectingBy(editor: Editor) {
  const { store, canvas, catalogue, view } = editor;
  const now = () => documentOf(store.getState());
  // The edge whose end is being dragged: it must not stand in its own way.
  let replacing: string | undefined;
  let dropped = false;

  const draw = (link: Link) => {
    dropped = true;
    const reason = refusal(now(), catalogue, link, replacing);
    if (reason) toast(reason);
    else
      store
        .getState()
        .edit(replacing === undefined ? connect(now(), link) : reconnect(now(), replacing, link));
  };

  const light = (id: string, handle: string, from: HandleType) => {
    const legal =
      from === "source" ? legalTargets(now(), catalogue, id, handle) : legalSources(now(), catalogue, id);
    canvas.setState({
      legal: { end: from === "source" ? "target" : "source", ids: new Set(legal.map((node) => node.id)) },
    });
  };

  /** Dropped on a node, though not on its handle: the node is meant. On nothing: a new node goes there. */
  const finish = (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    canvas.setState({ legal: null });
    const { fromNode, fromHandle } = state;
    if (dropped || !fromNode || !fromHandle) return;
    const point = "changedTouches" in event ? event.changedTouches[0]! : event;
    const at = { x: point.clientX, y: point.clientY };
    const under = document.elementFromPoint(at.x, at.y);
    const onto = under?.closest<HTMLElement>(".react-flow__node")?.dataset.id ?? state.toNode?.id;
    const handle = fromHandle.id ?? PLAIN;
    if (onto === fromNode.id) return;
    if (onto !== undefined) {
      const forward = fromHandle.type === "source";
      draw(
        forward
          ? { source: fromNode.id, sourceHandle: handle, target: onto }
          : { source: onto, sourceHandle: exitUnder(under) ?? PLAIN, target: fromNode.id },
      );
    } else if (replacing === undefined && under?.closest(".react-flow__pane")) {
      const spot = view.toDrawing(at);
      store.getState().open({
        type: "add",
        at,
        spot:
          fromHandle.type === "source"
            ? { at: "after", source: fromNode.id, handle, point: { x: spot.x, y: spot.y - 30 } }
            : { at: "before", target: fromNode.id, point: { x: spot.x - 220, y: spot.y - 30 } },
      });
    }
  };

  return {
    isValidConnection: (connection: Connection | Edge) =>
      refusal(now(), catalogue, linkOf(connection), replacing) === null,
    onConnect: (connection: Connection) => draw(linkOf(connection)),
    onConnectStart: (_: unknown, { nodeId, handleId, handleType }: OnConnectStartParams) => {
      dropped = false;
      if (nodeId && handleType) light(nodeId, handleId ?? PLAIN, handleType);
    },
    onConnectEnd: finish,
    onReconnectStart: (_: unknown, edge: Edge) => {
      replacing = edge.id;
      dropped = false;
    },
    onReconnect: (_: Edge, connection: Connection) => draw(linkOf(connection)),
    onReconnectEnd: (
      event: MouseEvent | TouchEvent,
      _: Edge,
      __: HandleType,
      state: FinalConnectionState,
    ) => {
      finish(event, state);
      replacing = undefined;
    },
  };
}

const exitUnder = (element: Element | null) =>
  element?.closest<HTMLElement>(".react-flow__handle.source")?.dataset.handleid ?? undefined;
