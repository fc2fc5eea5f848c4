import { defineConfig } from "vite";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    outDir: "dist/web",
    emptyOutDir: true,
    target: "es2021",
    // The agent's policy allows files of its own alone: nothing inline, no data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": process.env["TRACKER_API"] ?? "http://127.0.0.1:9666" } },
});
