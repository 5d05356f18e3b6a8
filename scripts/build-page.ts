// Bundles the sandbox's page into the folder that the published sandbox serves it from, so that it needs no bundler.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makePage } from "../packages/sandbox/src/make-page.ts";

const repository = join(import.meta.dirname, "..");
const folder = join(repository, "packages/sandbox/lib/built-page");
const { html, script, style, icon } = await makePage();
const files = { "page.html": html, "page.js": script, "page.css": style, "icon.svg": icon };
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
// The bundle contains it.
copyFileSync(join(repository, "node_modules/preact/LICENSE"), join(folder, "LICENSE-preact"));
