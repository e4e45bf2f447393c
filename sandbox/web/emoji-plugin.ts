/**
 * `virtual:emoji` is a table of Slack's emoji names with their character and picture.
 *
 * Pictures come from Fluent Emoji (MIT) because a bare machine has no emoji font; only the names
 * in src/emoji-names.json are put into the bundle.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

interface IconSet {
  icons: Record<string, { body: string }>;
}

const MODULE_ID = "virtual:emoji";

const LICENSE = `# Emoji

The pictures of emoji are Fluent Emoji (https://github.com/microsoft/fluentui-emoji),
copyright (c) Microsoft Corporation, under the MIT License:

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`;

export function emojiImages(): Plugin {
  return {
    name: "emoji-images",
    resolveId: (id) => (id === MODULE_ID ? `\0${MODULE_ID}` : undefined),
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "licenses-emoji.md", source: LICENSE });
    },
    load: (id) => (id === `\0${MODULE_ID}` ? emojiModule() : undefined),
  };
}

function emojiModule(): string {
  const require = createRequire(import.meta.url);
  const icons = require("@iconify-json/fluent-emoji-flat/icons.json") as IconSet;
  const names = JSON.parse(
    readFileSync(fileURLToPath(new URL("./src/emoji-names.json", import.meta.url)), "utf8"),
  ) as Record<string, [character: string, icon: string]>;
  const table = Object.entries(names).map(([name, [character, icon]]) => {
    const picture = icons.icons[icon];
    if (!picture) throw new Error(`no picture named ${icon} for :${name}:`);
    return [name, character, picture.body];
  });
  return `export default ${JSON.stringify(table)};`;
}
