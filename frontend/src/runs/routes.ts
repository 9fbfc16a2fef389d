import { lazy } from "react";

export const RunsPage = lazy(() => import("./runs-page"));
export const RunPage = lazy(() => import("./run-page"));
