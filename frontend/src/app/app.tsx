import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";

import { createQueryClient } from "@/api";
import { RequireSession, SignInPage } from "@/auth";
import { CredentialsPage } from "@/credentials/routes";
import { DeliveriesPage } from "@/deliveries/routes";
import { RunPage, RunsPage } from "@/runs/routes";
import { SchedulePage } from "@/schedules/routes";
import { SettingsPage } from "@/settings/routes";
import { Announcements, lazyScreen, paths, TooltipProvider } from "@/ui";
import { VersionsPage } from "@/versions/routes";
import { WorkflowsPage } from "@/workflows/routes";

import { Layout } from "./layout";
import { NotFound } from "./not-found";

const EditorPage = lazyScreen(async () => (await import("@/editor")).EditorPage);

export function App() {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <TooltipProvider delayDuration={400}>
        <BrowserRouter>
          <Routes>
            <Route path={paths.signIn} element={<SignInPage />} />
            <Route
              path="/app"
              element={
                <RequireSession>
                  <Layout />
                </RequireSession>
              }
            >
              <Route index element={<Navigate to={paths.home} replace />} />
              <Route path="workflows" element={<WorkflowsPage />} />
              <Route path="workflows/:workflowId" element={<EditorPage />} />
              <Route path="workflows/:workflowId/versions" element={<VersionsPage />} />
              <Route path="runs" element={<RunsPage />} />
              <Route path="runs/:runId" element={<RunPage />} />
              <Route path="deliveries" element={<DeliveriesPage />} />
              <Route path="schedule" element={<SchedulePage />} />
              <Route path="credentials" element={<CredentialsPage />} />
              <Route path="settings" element={<SettingsPage />} />
              <Route path="*" element={<NotFound />} />
            </Route>
            <Route path="*" element={<Navigate to={paths.home} replace />} />
          </Routes>
        </BrowserRouter>
        <Announcements />
      </TooltipProvider>
    </QueryClientProvider>
  );
}
