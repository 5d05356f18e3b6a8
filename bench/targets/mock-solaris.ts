import { type ChildProcess, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nodeCryptoPrimitives as primitives } from "@linchpin/core/node";
import { acceptIssuerKey, makePinUpdateRequest } from "@linchpin/protocols/solaris/device";
import { freePort } from "@linchpin/test-fixtures/system/free-port";
import { call } from "@linchpin/testing/call";
import { makeEach, pinOf, post } from "../load/requests.ts";
import { endChild, startChild } from "./child.ts";
import type { Target } from "./targets.ts";

const port = 2091; // fixed in its source
const url = `http://127.0.0.1:${port}`;
const server = "dist/src/server.js";
const readyWithinMs = 30_000;

/** What is lacking to measure it, or false. `directory`: of a copy that was built. */
export function needsMockSolaris(directory: string): string | false {
  if (directory === "") return "set MOCK_SOLARIS_DIR to a built copy";
  if (!existsSync(join(directory, server))) return `no ${server} in MOCK_SOLARIS_DIR`;
  return spawnSync("redis-server", ["--version"]).status === 0 ? false : "no redis-server on PATH";
}

/**
 * With a Redis of its own that writes nothing to disk, and one card: it looks for a card through one person after the
 * other, so each further one slows it.
 */
export async function startMockSolaris(directory: string): Promise<Target> {
  const redisPort = await freePort();
  const redisFlags = ["--port", `${redisPort}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const redis = startChild("redis-server", redisFlags, {});
  const client = { id: "bench", secret: randomBytes(16).toString("hex") };
  const mock = startChild(process.execPath, [join(directory, server)], {
    NODE_ENV: "production",
    MOCKSOLARIS_REDIS_SERVER: `redis://127.0.0.1:${redisPort}`,
    MOCKSOLARIS_REDIS_PREFIX: "bench",
    SOLARIS_CLIENT_ID: client.id,
    SOLARIS_CLIENT_SECRET: client.secret,
  });
  await untilAnswering([redis, mock]);
  const bearer = (await make("/oauth/token", tokenRequest(client))).access_token;
  const path = `/v1/cards/${await makeCard(bearer)}`;
  const issuerKey = acceptIssuerKey(await fetchPinKey(`${url}${path}/pin_keys/latest`, bearer));
  const restrictedKey = await primitives.makeSigningKey();
  return {
    pid: mock.pid ?? 0,
    port,
    make: (count) =>
      makeEach(count, async (index) => {
        const request = { pin: pinOf(index), issuerKey, deviceId: "device", restrictedKey };
        const body = await makePinUpdateRequest(primitives, request);
        return post(`${path}/pin_update_requests`, { authorization: `Bearer ${bearer}` }, body);
      }),
    stop: async () => {
      for (const child of [mock, redis]) await endChild(child);
    },
  };
}

/** Of a person whose number is verified: without, it makes none. */
async function makeCard(bearer: string): Promise<string> {
  const { id } = await make("/v1/persons", { first_name: "Ada", last_name: "Bench" }, bearer);
  const person = `/v1/persons/${id}`;
  const number = "+4915112345678";
  await make(`${person}/mobile_number`, { number }, bearer);
  await make(`${person}/mobile_number/authorize`, { number }, bearer);
  const { changeRequest } = (await call("GET", `${url}${person}`, { bearer })).body;
  await make(`${person}/mobile_number/confirm`, { number, token: changeRequest.token }, bearer);
  const account = await make(`${person}/accounts`, {}, bearer);
  const card = { type: "VISA_BUSINESS_DEBIT", line_1: "ADA/BENCH", reference: "bench", pin: "1920" };
  return (await make(`${person}/accounts/${account.id}/cards`, card, bearer)).id;
}

/** It answers 500 until its key is made. */
async function fetchPinKey(keyUrl: string, bearer: string): Promise<unknown> {
  for (let tries = 0; tries < 100; tries++, await sleep(50)) {
    const { status, body } = await call("GET", keyUrl, { bearer });
    if (status === 200) return body;
  }
  throw new Error("mock-solaris made no key");
}

async function make(path: string, body: object, bearer?: string) {
  const answer = await call("POST", `${url}${path}`, { body, ...(bearer === undefined ? {} : { bearer }) });
  if (answer.status >= 300) throw new Error(`mock-solaris answered ${answer.status} to ${path}`);
  return answer.body;
}

function tokenRequest({ id, secret }: { id: string; secret: string }) {
  return { grant_type: "client_credentials", client_id: id, client_secret: secret };
}

async function untilAnswering(children: readonly ChildProcess[]): Promise<void> {
  const giveUpAt = Date.now() + readyWithinMs;
  while ((await call("GET", url).catch(() => null)) === null) {
    if (children.some(({ exitCode }) => exitCode !== null) || Date.now() > giveUpAt)
      throw new Error("mock-solaris or its Redis did not start");
    await sleep(50);
  }
}
