import { screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";

import type { Credential } from "@/api";
import { renderScreen } from "@/testing/render";
import { stubServer } from "@/testing/server";

import CredentialsPage from "./credentials-page";

const shop: Credential = {
  id: "cred_1",
  name: "Shop",
  kind: "bearer",
  created_at: "2026-05-01T12:00:00Z",
  updated_at: "2026-05-01T12:00:00Z",
  used_by: 2,
};

const page = (...results: Credential[]) => ({ results, next: null });

it("makes a credential of the chosen kind", async () => {
  const server = stubServer({ "GET /credentials": page(), "POST /credentials": shop });
  const { user } = renderScreen(<CredentialsPage />);
  await screen.findByText("No credentials yet");
  await user.click(screen.getAllByRole("button", { name: "New credential" })[0]!);
  await user.type(await screen.findByLabelText("Name"), "Warehouse");
  await user.selectOptions(screen.getByLabelText("Kind"), "basic");
  await user.type(screen.getByLabelText("User name"), "ada");
  await user.type(screen.getByLabelText("Password"), "s3cret");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(server.asks("POST", "/credentials")[0]!.body).toEqual({
    name: "Warehouse",
    kind: "basic",
    data: { username: "ada", password: "s3cret" },
  });
});

it("renames without touching the secret", async () => {
  const server = stubServer({ "GET /credentials": page(shop), "PUT /credentials/cred_1": shop });
  const { user } = renderScreen(<CredentialsPage />);
  await user.click(await screen.findByRole("button", { name: "Change Shop" }));
  await user.type(await screen.findByLabelText("Name"), " API");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(server.asks("PUT", "/credentials/cred_1")[0]!.body).toEqual({ name: "Shop API", kind: "bearer" }),
  );
});

it("asks for a new secret when it is replaced or the kind changes", async () => {
  stubServer({ "GET /credentials": page(shop) });
  const { user } = renderScreen(<CredentialsPage />);
  await user.click(await screen.findByRole("button", { name: "Change Shop" }));
  expect(screen.queryByLabelText("Token")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Replace the secret" }));
  expect(screen.getByLabelText("Token")).toHaveValue("");
  await user.selectOptions(screen.getByLabelText("Kind"), "header");
  expect(screen.getByLabelText("Header's name")).toBeInTheDocument();
});

it("warns before it deletes what workflows use", async () => {
  const server = stubServer({ "GET /credentials": page(shop), "DELETE /credentials/cred_1": null });
  const { user } = renderScreen(<CredentialsPage />);
  await user.click(await screen.findByRole("button", { name: "Delete Shop" }));
  expect(await screen.findByRole("dialog")).toHaveTextContent("used by 2 workflows");
  await user.click(screen.getByRole("button", { name: "Delete credential" }));
  await waitFor(() => expect(server.asks("DELETE", "/credentials/cred_1")).toHaveLength(1));
});
