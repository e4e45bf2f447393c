/** Builds the page beside the committed one and says which files differ; exit status 1 if any do. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const committed = fileURLToPath(new URL("../../static", import.meta.url));
const fresh = mkdtempSync(join(tmpdir(), "page-"));

try {
  await build({ root, logLevel: "warn", build: { outDir: fresh, emptyOutDir: true } });
  const different = differences(fresh, committed);
  for (const name of different) console.error(`sandbox/static/${name} is not what the source builds`);
  if (different.length) console.error("Run `npm run build` in sandbox/web and commit the result.");
  process.exitCode = different.length ? 1 : 0;
} finally {
  rmSync(fresh, { recursive: true });
}

function differences(left, right) {
  const names = new Set([...filesIn(left), ...filesIn(right)]);
  return [...names].sort().filter((name) => !isSame(join(left, name), join(right, name)));
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

function isSame(left, right) {
  try {
    return readFileSync(left).equals(readFileSync(right));
  } catch {
    return false;
  }
}
