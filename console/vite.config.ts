import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Terraform takes the built console from there, as it takes every artefact.
export const BUILT = "../build/console";

export default defineConfig({
  plugins: [react()],
  // Relative addresses: the console works below any path.
  base: "./",
  build: {
    outDir: BUILT,
    emptyOutDir: true,
    target: "es2023",
    // The content security policy allows fonts and images of this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
