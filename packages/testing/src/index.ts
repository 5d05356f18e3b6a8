import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sandboxFactory } from "@linchpin/sandbox";
import { readSettings, serve } from "@linchpin/server";
import pino, { type Logger } from "pino";

/** A sandbox issuer in this process, on a free port of 127.0.0.1. */
export interface Issuer {
  /** Its origin. `GET /sandbox` there answers with credentials for every protocol, `POST /sandbox/cards` with a fresh card. */
  readonly url: string;
  /** Where it keeps its master key, and its database where no other is set. */
  readonly dataFolder: string;
  /** Answers what it began, then stops. A data folder that it made for itself is removed. */
  stop(): Promise<void>;
}

export interface IssuerOptions {
  /** Settings by the names that `linchpin serve --help` lists, `LINCHPIN_DATABASE_URL` for instance. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A folder that stays after `stop`, so that an issuer can be started on it again. A new, temporary one if absent. */
  readonly dataFolder?: string;
  /** What time it is for the issuer: lifetimes of OTPs, tokens and keys follow it. The system's clock if absent. */
  readonly clock?: () => Date;
  /** Silent if absent. */
  readonly log?: Logger;
}

/**
 * Starts an issuer for tests. It is ready when the promise resolves.
 * @throws LinchpinError `settings_invalid`: a setting in `environment` is refused; `storage_in_use`: another issuer runs
 *   on `dataFolder`; `unavailable`: the database or the vault cannot be reached
 */
export async function startIssuer(options: IssuerOptions = {}): Promise<Issuer> {
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), "linchpin-issuer-")));
  const remove = async () => {
    if (options.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true });
  };
  try {
    const server = await serve(settingsOf(dataFolder, options.environment), {
      sandbox: sandboxFactory,
      log: options.log ?? pino({ level: "silent" }),
      ...(options.clock === undefined ? {} : { clock: options.clock }),
    });
    const stop = () => server.close().then(remove);
    return { url: server.url, dataFolder, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

function settingsOf(dataFolder: string, environment: IssuerOptions["environment"]) {
  return readSettings({
    LINCHPIN_MODE: "sandbox",
    LINCHPIN_PORT: "0",
    LINCHPIN_DATA: dataFolder,
    ...environment,
  });
}
