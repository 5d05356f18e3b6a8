import { readFile } from "node:fs/promises";
import type { PageFiles } from "./page-files.ts";

/** The page's files as `scripts/build-package.ts` bundled them. Stands in for `make-page.ts` in the published package. */
export async function makePage(): Promise<PageFiles> {
  const read = (name: string) => readFile(new URL(`./built-page/${name}`, import.meta.url), "utf8");
  const [html, script, style, icon] = await Promise.all(["page.html", "page.js", "page.css", "icon.svg"].map(read));
  return { html, script, style, icon } as PageFiles;
}
