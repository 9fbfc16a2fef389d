import type { FlowNode, Kind } from "@/canvas/graph";

import { HookNote } from "./hook-note";
import { ScheduleNote } from "./schedule-note";

/** What a trigger means out there: the address to call, or when it fires next. */
export function TriggerNote({ node, kind }: { node: FlowNode; kind: Kind }) {
  if (kind.kind === "webhook_trigger") return <HookNote node={node} />;
  if (kind.kind === "schedule_trigger") return <ScheduleNote node={node} />;
  return null;
}
