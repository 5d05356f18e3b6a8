// Loaded before PGlite, which takes times and random numbers from its thread: they are the same in each run.
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
