// `npm start`: the issuer, in the sandbox's mode where LINCHPIN_MODE is not set. It is a script because the shells of
// Windows and POSIX set variables in different ways. What follows `npm start --` are options of `linchpin serve`.
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findStartBundle } from "./start-bundle/find-start-bundle.ts";

const repository = join(import.meta.dirname, "..");
const cache = join(repository, "node_modules/.cache/linchpin");
// Keeps modules compiled, and TypeScript without its types: every start after the first is sooner. No other user can
// write there, as they could to the default folder.
enableCompileCache(join(cache, "compiled"));
process.env["LINCHPIN_MODE"] ||= "sandbox";
process.argv.splice(2, 0, "serve");
// What `npm ci` bundled, unless a source has changed since.
const bundle = findStartBundle(repository, join(cache, "start"));
if (bundle === null) await import("../packages/cli/src/main.ts");
else await import(pathToFileURL(bundle).href);
