import { readFileSync } from "node:fs";

/** The version of the package; `src` and the published `lib` are at the same depth. */
export function readVersion(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return JSON.parse(manifest).version;
}
