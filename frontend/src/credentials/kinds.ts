import type { CredentialKind } from "@/api";

interface SecretField {
  name: string;
  label: string;
  secret: boolean;
  optional?: boolean;
}

interface Kind {
  title: string;
  hint: string;
  fields: SecretField[];
}

/** One definition per kind: the form, the list and the words all come from here. */
export const KINDS: Record<CredentialKind, Kind> = {
  bearer: {
    title: "Bearer token",
    hint: "Sent as “Authorization: Bearer …”.",
    fields: [{ name: "token", label: "Token", secret: true }],
  },
  basic: {
    title: "User name and password",
    hint: "Sent as basic authentication.",
    fields: [
      { name: "username", label: "User name", secret: false },
      { name: "password", label: "Password", secret: true },
    ],
  },
  header: {
    title: "Header",
    hint: "Sent as a header of your choice.",
    fields: [
      { name: "name", label: "Header's name", secret: false },
      { name: "value", label: "Value", secret: true },
    ],
  },
  query: {
    title: "Query parameter",
    hint: "Added to the address of each request.",
    fields: [
      { name: "name", label: "Parameter's name", secret: false },
      { name: "value", label: "Value", secret: true },
    ],
  },
  signing: {
    title: "Signing key",
    hint: "Checks who calls a webhook: the key of a signature or of tokens, or a public key (PEM).",
    fields: [
      { name: "key", label: "Key", secret: true },
      { name: "previous_key", label: "Key before (while you change keys)", secret: true, optional: true },
    ],
  },
};
