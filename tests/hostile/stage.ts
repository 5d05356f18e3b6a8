import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { type RawAnswer, sendRaw } from "@linchpin/test-fixtures/system/raw-http";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import { type IssuerProcess, startIssuerProcess } from "../issuer-process.ts";

export const json = "Content-Type: application/json\r\n";
const problem = "application/problem+json";

/** An issuer in a process of its own, and a cardholder whose card must stay as it is whatever a stranger sends. */
export function hostileStage() {
  let folder: string;
  let postgres: TestPostgres;
  let issuer: IssuerProcess;
  let holder: SolarisCardholder;
  let cardBefore: unknown;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "linchpin-hostile-"));
    postgres = await openTestPostgres();
    const LINCHPIN_DATABASE_URL = await postgres.createMigratedDatabase();
    issuer = await startIssuerProcess({ LINCHPIN_DATA: folder, LINCHPIN_DATABASE_URL });
    holder = await SolarisCardholder.create(issuer.url);
    assert.equal((await holder.changePin("1928", await holder.bindDevice())).status, 204);
    cardBefore = await holder.card();
  });
  after(async () => {
    await issuer.kill("SIGTERM");
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const port = () => issuer.port;
  const operator = () => `Authorization: Bearer ${holder.sandbox.issuer.apiKey}\r\n`;
  const verifyPath = () => `/issuer/v1/cards/${holder.sandbox.issuer.cardId}/pin/verify`;
  const post = (path: string, headers: string, body: string | Uint8Array = "") =>
    sendRaw(issuer.port, [`POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`, body]);
  const get = (path: string, headers = "") =>
    sendRaw(issuer.port, [`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`]);
  /** As the operator, to verify a PIN. */
  const verify = (headers: string, body: string | Uint8Array) => post(verifyPath(), operator() + headers, body);
  const verifyJson = (body: string | Uint8Array) =>
    verify(`${json}Content-Length: ${Buffer.byteLength(body)}\r\n`, body);

  /** Other callers are answered for as long as `hostile` lasts, and it changes nothing. */
  async function besideOthers<Result>(hostile: Promise<Result>): Promise<Result> {
    let isOver = false;
    const over = hostile.finally(() => {
      isOver = true;
    });
    do assert.deepEqual(await holder.card(), cardBefore);
    while (!isOver && (await sleep(50, true)));
    const result = await over;
    assert.deepEqual(await holder.card(), cardBefore);
    return result;
  }

  function assertProblem({ status, mediaType, body }: RawAnswer, expected: number, code: string): void {
    assert.deepEqual([status, mediaType, JSON.parse(body).code], [expected, problem, code]);
  }

  return {
    port,
    holder: () => holder,
    operator,
    verifyPath,
    post,
    get,
    verify,
    verifyJson,
    besideOthers,
    assertProblem,
  };
}
