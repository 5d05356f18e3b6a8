// `npm start`: the issuer, in the sandbox's mode where LINCHPIN_MODE is not set. It is a script because the shells of
// Windows and POSIX set variables in different ways. What follows `npm start --` are options of `linchpin serve`.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

// Keeps modules compiled, and TypeScript without its types: every start after the first is sooner. No other user can
// write there, as they could to the default folder.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/linchpin/compiled"));
process.env["LINCHPIN_MODE"] ||= "sandbox";
process.argv.splice(2, 0, "serve");
await import("../packages/cli/src/main.ts");
