import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { MemoryRouter, Route, Routes, useLocation } from "react-router";

import { createQueryClient } from "@/api";
import { Announcements, TooltipProvider } from "@/ui";

interface Place {
  /** The address at first. */
  at?: string;
  /** The route's pattern, where the screen reads parameters from it. */
  path?: string;
}

/** Renders a screen with everything it finds around it in the app; `address()` tells where it has led. */
export function renderScreen(screen: ReactNode, { at = "/", path }: Place = {}) {
  let address = "";
  function Watcher() {
    const { pathname, search } = useLocation();
    address = pathname + search;
    return null;
  }
  const client = createQueryClient();
  client.setDefaultOptions({ queries: { retry: false } });
  const view = render(
    <QueryClientProvider client={client}>
      <TooltipProvider>
        <MemoryRouter initialEntries={[at]}>
          <Watcher />
          {path ? (
            <Routes>
              <Route path={path} element={screen} />
              <Route path="*" element={null} />
            </Routes>
          ) : (
            screen
          )}
        </MemoryRouter>
        <Announcements />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { ...view, client, user: userEvent.setup(), address: () => address };
}
