import {
  Boxes,
  CalendarClock,
  Code,
  GitMerge,
  Globe,
  ListTree,
  type LucideIcon,
  OctagonX,
  PencilLine,
  Play,
  Repeat,
  Reply,
  ScrollText,
  Split,
  SquareFunction,
  Timer,
  Webhook,
  Workflow,
} from "lucide-react";

/** By the names that the catalogue gives; the whole of lucide would weigh more than the app. */
const ICONS: Record<string, LucideIcon> = {
  "calendar-clock": CalendarClock,
  code: Code,
  "function-square": SquareFunction,
  "git-merge": GitMerge,
  globe: Globe,
  "list-tree": ListTree,
  "octagon-x": OctagonX,
  "pencil-line": PencilLine,
  play: Play,
  repeat: Repeat,
  reply: Reply,
  "scroll-text": ScrollText,
  split: Split,
  timer: Timer,
  webhook: Webhook,
  workflow: Workflow,
};

export function KindIcon({ name, size = 18 }: { name: string | undefined; size?: number }) {
  const Icon = ICONS[name ?? ""] ?? Boxes;
  return <Icon size={size} strokeWidth={1.75} aria-hidden />;
}
