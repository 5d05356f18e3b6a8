// Makes what a start of the published store begins with, so that it initialises and migrates nothing: the empty database
// as a compressed archive in `packages/store/template`, where there is none of this version. PGlite takes times and random
// numbers from this process, which are therefore fixed before it is loaded: the same sources make the same bytes.
import crypto from "node:crypto";

const at = Date.UTC(2026, 0, 1);
const SystemDate = Date;
let readings = 0;
globalThis.Date = class extends SystemDate {
  constructor(...given: [] | [number]) {
    super(given[0] ?? at);
  }
  static override now = () => at;
} as DateConstructor;
performance.now = () => readings++;
// PostgreSQL draws a nonce for authentication, which nobody does here, and a seed.
crypto.randomFillSync = <Bytes extends NodeJS.ArrayBufferView>(bytes: Bytes) => {
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).fill(1);
  return bytes;
};

const { makeEmptyDatabase } = await import("./make-empty-database.ts");
await makeEmptyDatabase("compressed");
process.exit();
