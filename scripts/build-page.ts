// Bundles the sandbox's page into the folder that the published sandbox serves it from, so that it needs no bundler.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { builtFiles } from "../packages/sandbox/src/built-page.ts";
import { makePage } from "../packages/sandbox/src/make-page.ts";

const repository = join(import.meta.dirname, "..");
const folder = join(repository, "packages/sandbox/lib/built-page");
const page = await makePage();
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(page))
  writeFileSync(join(folder, builtFiles[name as keyof typeof builtFiles]), text);
// The bundles contain them. Swagger UI's own licence is this repository's, Apache-2.0.
copyFileSync(join(repository, "node_modules/@fastify/swagger-ui/LICENSE"), join(folder, "LICENSE-swagger-ui"));
copyFileSync(join(repository, "node_modules/preact/LICENSE"), join(folder, "LICENSE-preact"));
