import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { type BoundDevice, SolarisCardholder } from "@linchpin/testing/solaris";
import { type IssuerProcess, runLinchpin, startIssuerProcess } from "../issuer-process.ts";

const cardholders = 4;

describe("keys that are rotated while two servers change and reveal PINs", () => {
  let postgres: TestPostgres;
  let issuers: readonly IssuerProcess[] = [];

  before(async () => {
    postgres = await openTestPostgres();
    const environment = { LINCHPIN_DATABASE_URL: await postgres.createMigratedDatabase() };
    issuers = await Promise.all([startIssuerProcess(environment), startIssuerProcess(environment)]);
  });
  after(async () => {
    await Promise.all(issuers.map((issuer) => issuer.kill("SIGTERM")));
    await postgres.stop();
  });

  const originOf = (turn: number) => issuers[turn % 2]?.url ?? assert.fail();
  const operator = async (...words: string[]) => {
    const { exitCode, output } = await runLinchpin({ LINCHPIN_URL: originOf(0) }, ...words);
    assert.equal(exitCode, 0, output);
    return output;
  };

  it("refuse no request but those sealed to a key past its overlap", { timeout: 300_000 }, async () => {
    const load = { running: true, requests: 0, refused: [] as string[] };
    const holders = await Promise.all(Array.from({ length: cardholders }, () => prepare(originOf(0))));
    const late = await prepare(originOf(0));
    const sealedBefore = await late.holder.sealAndSign("3719", late.device);
    const sealedInTime = await late.holder.sealAndSign("4826", late.device);
    const running = holders.map((each) => changeAndReveal(each, originOf, load));

    for (const purpose of ["solaris-pin", "card-pin", "secret", "solaris-pin", "card-pin", "audit"]) {
      await operator("keys", "rotate", purpose, "--yes");
      await sleep(300);
    }
    await operator("keys", "reseal", "card-pin");
    for (const version of [1, 2]) await operator("keys", "retire", `card-pin@${version}`, "--yes");
    assert.equal((await late.holder.sendChange(sealedInTime)).status, 204, "the first key is in its overlap");
    await operator("keys", "retire", "solaris-pin@1", "--yes");
    await sleep(1500);
    for (const turn of [0, 1])
      assert.equal((await late.holder.at(originOf(turn)).sendChange(sealedBefore)).status, 422);

    load.running = false;
    await Promise.all(running);
    assert.deepEqual(load.refused, []);
    assert.ok(load.requests > 6 * cardholders, `${load.requests} requests were under way`);
    const keys = JSON.parse(await operator("keys", "list", "--json"));
    const states = keys
      .filter(({ purpose }: { purpose: string }) => purpose === "card-pin")
      .map(({ state }: { state: string }) => state);
    assert.deepEqual(states, ["current", "retired", "retired"]);
    await operator("audit", "verify");
  });
});

interface Prepared {
  readonly holder: SolarisCardholder;
  readonly device: BoundDevice;
}

async function prepare(origin: string): Promise<Prepared> {
  const holder = await SolarisCardholder.create(origin);
  const device = await holder.bindDevice();
  assert.equal((await holder.changePin("1928", device)).status, 204);
  return { holder, device };
}

/** Fetches the key at one server and sends to the other, each in turn; what was changed must be what is revealed. */
async function changeAndReveal(
  { holder, device }: Prepared,
  originOf: (turn: number) => string,
  load: { running: boolean; requests: number; refused: string[] },
): Promise<void> {
  for (let turn = 0; load.running; turn++) {
    const digits = `19${20 + (turn % 70)}`;
    const sealed = await holder.at(originOf(turn)).sealAndSign(digits, device);
    const changed = await holder.at(originOf(turn + 1)).sendChange(sealed);
    const plumery = { ...holder.sandbox.plumery, baseUrl: `${originOf(turn)}/plumery` };
    const client = await PlumeryClient.create({ plumery });
    const revealed = await client.pin();
    load.requests += 2;
    if (changed.status !== 204) load.refused.push(`change: ${changed.status} ${JSON.stringify(changed.body)}`);
    if (revealed.status !== 200) load.refused.push(`reveal: ${revealed.status} ${JSON.stringify(revealed.body)}`);
    else assert.deepEqual(await client.open(revealed.body.encryptedPayload), { pin: digits });
  }
}
