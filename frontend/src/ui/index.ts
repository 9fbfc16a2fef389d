export { announce, Announcements, toast } from "./announce";
export { Button, IconButton, LinkButton } from "./button";
export { CopyButton, copyText } from "./copy-button";
export { cronInWords, scheduleInShort, scheduleInWords } from "./cron";
export { ConfirmDialog, Dialog, DialogActions } from "./dialog";
export { downloadJson } from "./download";
export { EmptyState } from "./empty-state";
export { Field, Input, SearchInput, Select, Switch, TextArea, useFieldLink } from "./fields";
export { InlineCode } from "./inline-code";
export { Keys } from "./keys";
export { lazyScreen } from "./lazy-screen";
export { Loading } from "./loading";
export { Menu, MenuAt, MenuChoice, MenuItem, MenuLabel, MenuLine } from "./menu";
export { Page, useTitle } from "./page";
export { paths } from "./paths";
export { ProblemNote } from "./problem-note";
export { Status, StatusIcon } from "./status";
export { RUN_STATUSES, statusColor, statusName, type StatusName, statusWord } from "./status-words";
export { Elapsed, RelativeTime, TimeAhead, useNow } from "./time";
export {
  formatClock,
  formatDate,
  formatDuration,
  formatExact,
  formatNext,
  relativeTime,
  toMs,
} from "./format-time";
export { Tooltip, TooltipProvider } from "./tooltip";
export { useRoving } from "./use-roving";
export { BrandMark, FlowFigure } from "./brand";
export { setTheme, type Theme, THEMES, useTheme } from "./theme";
export { ListFoot } from "./list-foot";
export { cell, Table } from "./table";
export { useDebounced } from "./use-debounced";
export { useUrlFilter } from "./use-url-filter";
export { useStatusFavicon } from "./use-status-favicon";
