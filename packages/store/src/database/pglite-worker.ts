// The thread in which PGlite runs, started by `PgliteThread`. It answers each request in its turn; an error that is not
// one of PostgreSQL's ends it.
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import type { PgliteFiles, PgliteRequest } from "./pglite-thread.ts";

const pglite = await openPglite(workerData);
answer(new Uint8Array());
parentPort?.on("message", (request: PgliteRequest) => {
  if (request === "close") void pglite.close().then(() => process.exit());
  else if (request === "dump") void dump().then(answer);
  else answer(pglite.execProtocolRawSync(request));
});

function openPglite({ folder, archive }: PgliteFiles): Promise<PGlite> {
  // These buffers are resident from the start. PGlite takes 128 MB by default.
  // The latter sets a timer that goes off every ten seconds, for nothing.
  const settings = ["shared_buffers=32MB", "log_startup_progress_interval=0"];
  const startParams = [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ["-c", setting])];
  if (folder !== null) return PGlite.create(folder, { relaxedDurability: false, startParams });
  return PGlite.create("memory://", { startParams, ...(archive === null ? {} : { loadDataDir: new Blob([archive]) }) });
}

async function dump(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await pglite.dumpDataDir("none")).arrayBuffer());
}

function answer(bytes: Uint8Array): void {
  parentPort?.postMessage(bytes, [bytes.buffer as ArrayBuffer]);
}
