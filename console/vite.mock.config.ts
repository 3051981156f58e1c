import { mergeConfig } from "vite";
import { mockService } from "./mock/plugin.ts";
import base from "./vite.config.ts";

// The console with a service in memory behind it: `npm run dev` to work on it, `npm run mock` as the browser tests see it.
export default mergeConfig(base, {
  plugins: [mockService()],
  preview: { host: "127.0.0.1" },
});
