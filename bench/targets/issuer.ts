import { randomBytes } from "node:crypto";
import { openSync } from "node:fs";
import { join } from "node:path";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import { tokenPath } from "@linchpin/protocols/venly/wire";
import { call } from "@linchpin/testing/call";
import { runLinchpin, startIssuerProcess } from "../../tests/issuer-process.ts";
import { type Filled, fillCards } from "../load/fill-cards.ts";
import { type Access, fetchToken } from "../load/requests.ts";

/** An issuer as processes of its own. */
export interface Running {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** How long it took to be ready. */
  readonly startedInMs: number;
  /** Resolves with how long it took to finish and end. */
  stop(): Promise<number>;
}

/** Its log goes to a file of `folder`: what it costs is measured too. */
export async function startLogging(
  folder: string,
  environment: Readonly<Record<string, string>>,
  options: readonly string[],
): Promise<Running> {
  const startedAt = performance.now();
  const logFd = openSync(join(folder, "issuer.log"), "a");
  const issuer = await startIssuerProcess({ LINCHPIN_LOG_LEVEL: "info", ...environment }, 0, options, logFd);
  const startedInMs = performance.now() - startedAt;
  const kill = () => process.kill(issuer.pid ?? 0, "SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    const stoppedAt = performance.now();
    await issuer.kill("SIGTERM");
    return performance.now() - stoppedAt;
  };
  return { pid: issuer.pid ?? 0, port: issuer.port, url: issuer.url, startedInMs, stop };
}

/** In production mode on PostgreSQL, nothing turned off that costs: limits, audit, log. */
export function productionSettings(databaseUrl: string): Record<string, string> {
  return {
    LINCHPIN_MODE: "production",
    LINCHPIN_DATABASE_URL: databaseUrl,
    LINCHPIN_MASTER_KEY: randomBytes(32).toString("hex"),
    LINCHPIN_MESSAGES_URL: "http://127.0.0.1:9", // nothing here sends one
    LINCHPIN_OUTBOX_SECRET: randomBytes(32).toString("hex"),
    // One partner sends all that is measured, and none of its PINs is wrong. A tenth is how many comparisons a process makes at once.
    LINCHPIN_REQUESTS_PER_MINUTE: "1000000",
    LINCHPIN_WRONG_SECRETS_PER_MINUTE: "1000",
  };
}

/** What a partner of a fresh issuer needs, with cards by number from 1 on. */
export async function makePartner(url: string, settings: Record<string, string>, cards: number): Promise<Access> {
  const { output } = await runLinchpin(settings, "operator", "make", "bench", "--json");
  const bearer: string = JSON.parse(output).apiKey;
  const make = async (path: string, body: object) =>
    (await call("POST", `${url}/issuer/v1${path}`, { bearer, body })).body;
  const partner = await make("/partners", { name: "bench" });
  const program = await make("/programs", { name: "bench" });
  const credential = (protocol: string, roles: readonly string[] = []) =>
    make(`/partners/${partner.id}/credentials`, { protocol, roles });
  const signingKey = await primitives.makeSigningKey();
  const filled: Filled = { partnerId: partner.id, programId: program.id, publicPoint: signingKey.publicPoint };
  await fillCards(settings["LINCHPIN_DATABASE_URL"] ?? "", filled, 1, cards);
  return {
    url,
    signingKey,
    solarisToken: await fetchToken(`${url}/solaris/oauth2/token`, await credential("solaris")),
    venlyToken: await fetchToken(`${url}/venly${tokenPath}`, await credential("venly")),
    adyenKey: (await credential("adyen", ["pin_change"])).clientSecret,
    plumeryKey: (await credential("plumery")).clientSecret,
    nativeToken: await fetchToken(`${url}/native/v1/oauth2/token`, await credential("native")),
    operatorKey: bearer,
    filled,
  };
}
