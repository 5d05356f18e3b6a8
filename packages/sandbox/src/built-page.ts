import { readFile } from "node:fs/promises";
import type { PageFiles } from "./page-files.ts";

/** The files of the folder `built-page`. */
export const builtFiles: Readonly<Record<keyof PageFiles, string>> = {
  html: "page.html",
  script: "page.js",
  style: "page.css",
  icon: "icon.svg",
  docsHtml: "docs.html",
  docsScript: "docs.js",
  docsStyle: "docs.css",
};

/** The page's files as `scripts/build-package.ts` bundled them. Stands in for `make-page.ts` in the published package. */
export async function makePage(): Promise<PageFiles> {
  const read = (name: string) => readFile(new URL(`./built-page/${name}`, import.meta.url), "utf8");
  const files = Object.entries(builtFiles).map(async ([name, file]) => [name, await read(file)]);
  return Object.fromEntries(await Promise.all(files));
}
