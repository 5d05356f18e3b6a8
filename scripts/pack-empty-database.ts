// Makes what a start of the published store begins with, so that it initialises and migrates nothing: the empty database
// as a compressed archive in `packages/store/template`, where there is none of this version. The same sources make the
// same bytes.
import { makeEmptyDatabase } from "./make-empty-database.ts";

// PGlite's thread reads its options from here.
process.env["NODE_OPTIONS"] = `--import=${import.meta.resolve("./fix-time-and-randomness.ts")}`;
await makeEmptyDatabase("compressed");
process.exit();
