import { lazyScreen } from "@/ui";

export const RunsPage = lazyScreen(async () => (await import("./runs-page")).default);
export const RunPage = lazyScreen(async () => (await import("./run-page")).default);
