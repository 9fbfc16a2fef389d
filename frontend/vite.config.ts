import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.PENSTOCK_DEV_SERVER ?? "http://127.0.0.1:8000";

const BASE = "/static/app/";

/** Names the editor's files in the page, so that public/boot.js can ask for them before the app does. */
function editorFiles(): Plugin {
  return {
    name: "editor-files",
    apply: "build",
    transformIndexHtml(_, { bundle = {} }) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const editor = chunks.find((chunk) => chunk.facadeModuleId?.endsWith("src/editor/index.ts"));
      if (!editor) throw new Error("The build has no chunk for the editor");
      const files = [editor.fileName, ...editor.imports].map((file) => BASE + file);
      return [
        {
          tag: "meta",
          attrs: { name: "editor-files", content: files.join(" ") },
          injectTo: "head-prepend",
        },
      ];
    },
  };
}

export default defineConfig(({ command }) => ({
  // Django serves the built files below /static/app/; the dev server answers at the root.
  base: command === "build" ? BASE : "/",
  plugins: [react(), editorFiles()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2023",
    // Browsers that know light-dark(), which the palette is written in.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // The content security policy allows neither data: scripts nor inline ones, so that everything is a file.
    assetsInlineLimit: 0,
    // All styles together are smaller than one picture; as one file they are there before any screen is.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What every screen needs comes in one file, and what several of them need in a second, instead of in ten that
      // wait for each other.
      output: {
        codeSplitting: {
          groups: [
            { name: "app", tags: ["$initial"], priority: 2 },
            { name: "shared", minShareCount: 2, priority: 1 },
          ],
        },
      },
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
