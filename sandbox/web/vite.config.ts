import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type ProxyOptions } from "vite";

import { emojiImages } from "./emoji-plugin.ts";

// Nothing outside this machine may be asked for anything, whatever a message's blocks say.
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob: http://127.0.0.1:* http://localhost:*",
  "media-src 'self' blob: http://127.0.0.1:* http://localhost:*",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const SANDBOX_URL = process.env.SANDBOX_URL ?? "http://127.0.0.1:8099";

export default defineConfig({
  base: "./",
  plugins: [react(), emojiImages(), contentSecurityPolicy()],
  build: {
    outDir: "../static",
    emptyOutDir: true,
    target: "es2022",
    license: { fileName: "licenses.md" },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/control": sandbox(), "/page": sandbox() },
  },
});

/** The running sandbox, which takes calls from its own page only. */
function sandbox(): ProxyOptions {
  return { target: SANDBOX_URL, changeOrigin: true, headers: { origin: SANDBOX_URL } };
}

function contentSecurityPolicy(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY },
        injectTo: "head-prepend",
      },
    ],
  };
}
