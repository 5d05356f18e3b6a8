import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings, type Server, serve } from "@linchpin/server";
import pino from "pino";
import { placeEmptyDatabase } from "../../store/test/empty-database.ts";
import { vaultUnderTest } from "./vault-under-test.ts";

/** A sandbox of its own, on a port of its own, in a folder that goes with it. */
export interface SandboxIssuer {
  readonly url: string;
  readonly dataFolder: string;
  stop(): Promise<void>;
}

export async function startSandboxIssuer(
  options: { environment?: Record<string, string>; dataFolder?: string; clock?: () => Date; log?: pino.Logger } = {},
): Promise<SandboxIssuer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "linchpin-issuer-")));
  const isEmbedded = options.environment?.["LINCHPIN_DATABASE_URL"] === undefined;
  if (isEmbedded && !existsSync(join(dataFolder, "store"))) await placeEmptyDatabase(join(dataFolder, "store"));
  const settings = readSettings({
    LINCHPIN_MODE: "sandbox",
    LINCHPIN_PORT: "0",
    LINCHPIN_DATA: dataFolder,
    ...vaultUnderTest(),
    ...options.environment,
  });
  const server: Server = await serve(settings, {
    log: options.log ?? pino({ level: "silent" }),
    ...(options.clock === undefined ? {} : { clock: options.clock }),
  });
  return {
    url: server.url,
    dataFolder,
    stop: async () => {
      await server.close();
      if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
