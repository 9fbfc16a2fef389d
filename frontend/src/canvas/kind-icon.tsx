import {
  Boxes,
  CalendarClock,
  Code,
  GitMerge,
  GitPullRequestArrow,
  Globe,
  ListTree,
  type LucideIcon,
  OctagonX,
  PencilLine,
  Play,
  Repeat,
  Repeat2,
  Reply,
  RotateCw,
  ScrollText,
  ShieldCheck,
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
  "git-pull-request-arrow": GitPullRequestArrow,
  globe: Globe,
  "list-tree": ListTree,
  "octagon-x": OctagonX,
  "pencil-line": PencilLine,
  play: Play,
  repeat: Repeat,
  "repeat-2": Repeat2,
  reply: Reply,
  "rotate-cw": RotateCw,
  "scroll-text": ScrollText,
  "shield-check": ShieldCheck,
  split: Split,
  timer: Timer,
  webhook: Webhook,
  workflow: Workflow,
};

export function KindIcon({ name, size = 18 }: { name: string | undefined; size?: number }) {
  const Icon = ICONS[name ?? ""] ?? Boxes;
  return <Icon size={size} strokeWidth={1.75} aria-hidden />;
}
