import { lazy } from "react";

export const CredentialsPage = lazy(() => import("./credentials-page"));
