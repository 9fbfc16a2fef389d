import { lazyScreen } from "@/ui";

export const SchedulePage = lazyScreen(async () => (await import("./schedule-page")).default);
