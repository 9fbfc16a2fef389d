import { lazy } from "react";

/** Shows drawings, so that it is loaded with the canvas and not before. */
export const VersionsPage = lazy(async () => ({ default: (await import("./versions-page")).VersionsPage }));
