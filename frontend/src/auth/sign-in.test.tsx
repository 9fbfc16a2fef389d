import { screen } from "@testing-library/react";
import { expect, it } from "vitest";

import { useWorkflow } from "@/api";
import { renderScreen } from "@/testing/render";
import { Refusal, stubServer } from "@/testing/server";

import { RequireSession } from "./require-session";
import { safeNext, SignInPage } from "./sign-in-page";

const nobody = { user: null, projects: [], csrf_token: "t" };
const ada = { ...nobody, user: { id: "us_1", email: "ada@example.com", name: "Ada" } };

it("leads whoever is not signed in to the sign-in page and remembers the address", async () => {
  stubServer({ "GET /session": nobody });
  const { address } = renderScreen(<RequireSession>inside</RequireSession>, {
    at: "/app/runs?status=failed",
    path: "/app/runs",
  });
  await expect.poll(address).toBe(`/app/sign-in?next=${encodeURIComponent("/app/runs?status=failed")}`);
});

it("lets in who is signed in", async () => {
  stubServer({ "GET /session": ada });
  renderScreen(<RequireSession>inside</RequireSession>);
  expect(await screen.findByText("inside")).toBeInTheDocument();
});

it("asks for a new sign-in when the session has ended meanwhile", async () => {
  function Inside() {
    useWorkflow("fl_1");
    return null;
  }
  stubServer({
    "GET /session": ada,
    "GET /workflows/fl_1": new Refusal(401, { title: "Sign in first", code: "not_authenticated" }),
  });
  const { address } = renderScreen(
    <RequireSession>
      <Inside />
    </RequireSession>,
    { at: "/app/workflows/fl_1", path: "/app/workflows/:id" },
  );
  await expect.poll(address).toMatch(/^\/app\/sign-in\?next=/);
});

it("signs in and goes where one wanted to go", async () => {
  const server = stubServer({ "GET /session": nobody, "POST /session": ada });
  const { user, address } = renderScreen(<SignInPage />, {
    at: "/app/sign-in?next=%2Fapp%2Fruns",
    path: "/app/sign-in",
  });
  await user.type(screen.getByLabelText("E-mail"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), "correct horse");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await expect.poll(address).toBe("/app/runs");
  expect(server.asks("POST", "/session")[0]!.body).toEqual({
    email: "ada@example.com",
    password: "correct horse",
  });
});

it("says that e-mail and password do not match, and not which of them is wrong", async () => {
  stubServer({
    "GET /session": nobody,
    "POST /session": new Refusal(401, { title: "Unauthorized", code: "invalid_credentials" }),
  });
  const { user } = renderScreen(<SignInPage />, { at: "/app/sign-in" });
  await user.type(screen.getByLabelText("E-mail"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("do not match");
});

it("explains a used link", async () => {
  stubServer({ "GET /session": nobody });
  renderScreen(<SignInPage />, { at: "/app/sign-in?problem=link_used" });
  expect(await screen.findByText(/already used or is too old/)).toBeInTheDocument();
});

it.each([
  [null, "/app/workflows"],
  ["/app/runs?x=1", "/app/runs?x=1"],
  ["https://elsewhere.example/app/", "/app/workflows"],
  ["//elsewhere.example/app", "/app/workflows"],
  ["/application", "/app/workflows"],
  ["javascript:alert(1)", "/app/workflows"],
])("goes on from %s to %s only inside the app", (next, goal) => expect(safeNext(next)).toBe(goal));
