import { readdirSync } from "node:fs";

import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

// Areas meet only at their index.ts, and `app` finds their screens in routes.ts, which loads them when they are
// opened; `ui`, `api` and `canvas` are shared and lie below all others.
const shared = ["ui", "api", "canvas", "testing"];
const below = { ui: ["api"], api: [], canvas: ["ui", "api"], testing: ["ui", "api"] };
const areas = readdirSync(new URL("./src", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

function boundaries(area) {
  const others = areas.filter((other) => other !== area);
  const patterns = [
    {
      regex: `^(\\.\\./)+(${others.join("|")})(/|$)`,
      message: "Reach another area as @/area, not by a relative path.",
    },
  ];
  const allowed = below[area];
  if (allowed) {
    const forbidden = others.filter((other) => !allowed.includes(other));
    patterns.push({
      regex: `^@/(${forbidden.join("|")})(/|$)`,
      message: `${area} lies below the other areas and may not import them.`,
    });
  } else {
    const closed = others.filter((other) => !shared.includes(other));
    patterns.push({
      // app/commands is the one door of `app`: areas register their commands there.
      regex: `^@/(?!app/commands$)(${closed.join("|")})/(?!routes$).+`,
      message: "Import another area only through its index.ts.",
    });
  }
  return {
    files: [`src/${area}/**/*.{ts,tsx}`],
    ignores: ["**/*.test.{ts,tsx}"],
    rules: { "no-restricted-imports": ["error", { patterns }] },
  };
}

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts"] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  reactHooks.configs.flat.recommended,
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
      "no-eval": "error",
      "max-lines": ["error", 500],
      "no-restricted-syntax": [
        "error",
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: "Text only: nothing a person or a run wrote may become markup.",
        },
      ],
    },
  },
  { files: ["*.{js,ts}", "public/**"], languageOptions: { globals: { ...globals.node } } },
  ...areas.map(boundaries),
);
