import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.PENSTOCK_DEV_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig(({ command }) => ({
  // Django serves the built files below /static/app/; the dev server answers at the root.
  base: command === "build" ? "/static/app/" : "/",
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    // Browsers that know light-dark(), which the palette is written in.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // The content security policy allows neither data: scripts nor inline ones, so that everything is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What every screen needs comes in one file, instead of in five that wait for each other.
      output: { codeSplitting: { groups: [{ name: "app", tags: ["$initial"] }] } },
    },
    chunkSizeWarningLimit: 600,
  },
  worker: { format: "es" },
  server: {
    proxy: {
      "/api": server,
      "/sign-in": server,
      "/hooks": server,
    },
  },
  test: {
    environment: "happy-dom",
    environmentOptions: { happyDOM: { url: "http://penstock.test/" } },
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    restoreMocks: true,
    unstubGlobals: true,
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
}));
