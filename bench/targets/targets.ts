import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import { acceptIssuerKey, makePinUpdateRequest } from "@linchpin/protocols/solaris/device";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import type { Requests } from "../load/load.ts";
import { type Access, cardOf, makeEach, pinOf, post } from "../load/requests.ts";
import { endChild, startChild } from "./child.ts";
import { startLogging } from "./issuer.ts";

/** What takes PIN changes as Solaris does. */
export interface Target {
  readonly pid: number;
  readonly port: number;
  readonly make: (count: number) => Promise<Requests>;
  stop(): Promise<unknown>;
}

/** A sandbox on the embedded store, in one process: it never fsyncs, and holds one connection. */
export async function startEmbedded(folder: string): Promise<Target> {
  const issuer = await startLogging(folder, { LINCHPIN_MODE: "sandbox", LINCHPIN_DATA: join(folder, "data") }, []);
  const holders = await makeEach(50, async () => {
    const holder = await SolarisCardholder.create(issuer.url);
    return { holder, device: await holder.bindDevice() };
  });
  const [{ holder }] = holders as [(typeof holders)[number]];
  const issuerKey = acceptIssuerKey((await holder.partner("GET", "/v1/cards/pin_keys/latest")).body);
  const make = (count: number) =>
    makeEach(count, async (index) => {
      const { holder, device } = holders[index % holders.length] ?? holders[0] ?? fail();
      const { deviceId, key: restrictedKey } = device;
      const body = await makePinUpdateRequest(primitives, { pin: pinOf(index), issuerKey, deviceId, restrictedKey });
      const path = `/solaris/v1/cards/${holder.sandbox.solaris.cardAccountId}/pin_update_requests`;
      return post(path, { authorization: `Bearer ${holder.token}` }, body);
    });
  return { ...issuer, make };
}

/** `plain-handler.ts` on the same cards: what one would write instead. */
export function startPlainHandler(databaseUrl: string, access: Access): Promise<Target> {
  return startBeside("plain-handler.ts", access, { DATABASE_URL: databaseUrl }, "plain");
}

/** `floor.ts` on the same cards: the same statements and checks as ours, and nothing else. */
export function startFloor(
  databaseUrl: string,
  access: Access,
  { workers = 2, isGrouped = true }: { workers?: number; isGrouped?: boolean } = {},
): Promise<Target> {
  const environment = { DATABASE_URL: databaseUrl, WORKERS: `${workers}`, GROUPED: isGrouped ? "yes" : "no" };
  return startBeside("floor.ts", access, { ...environment, LOG_FILE: join(tmpdir(), "linchpin-floor.log") }, "floor");
}

async function startBeside(
  file: string,
  { signingKey }: Pick<Access, "signingKey">,
  environment: Readonly<Record<string, string>>,
  bearer: string,
): Promise<Target> {
  const port = await freePort();
  const words = ["--conditions=linchpin-source", join(import.meta.dirname, file)];
  const child = startChild(process.execPath, words, { ...environment, PORT: `${port}`, NODE_ENV: "production" });
  const keyUrl = `http://127.0.0.1:${port}/solaris/v1/cards/pin_keys/latest`;
  let key = await call("GET", keyUrl).catch(() => null);
  while (key === null) {
    if (child.exitCode !== null) throw new Error(`${file} ended`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    key = await call("GET", keyUrl).catch(() => null);
  }
  const issuerKey = acceptIssuerKey(key.body);
  const make = (count: number) =>
    makeEach(count, async (index) => {
      const card = cardOf(index, 2000);
      const request = { pin: pinOf(index), issuerKey, deviceId: `device${card}`, restrictedKey: signingKey };
      const body = await makePinUpdateRequest(primitives, request);
      return post(`/solaris/v1/cards/solaris${card}/pin_update_requests`, { authorization: `Bearer ${bearer}` }, body);
    });
  return { pid: child.pid ?? 0, port, make, stop: () => endChild(child) };
}

function fail(): never {
  throw new Error("there is no cardholder");
}
