import { lazyScreen } from "@/ui";

/** Shows drawings, so that it is loaded with the canvas and not before. */
export const VersionsPage = lazyScreen(async () => (await import("./versions-page")).VersionsPage);
