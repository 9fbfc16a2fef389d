import { lazy } from "react";

export const DeliveriesPage = lazy(() => import("./deliveries-page"));
