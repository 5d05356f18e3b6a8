import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { SolarisCardholder } from "@linchpin/testing/solaris";

describe("two servers on one PostgreSQL", () => {
  let postgres: TestPostgres;
  let issuers: readonly [SandboxIssuer, SandboxIssuer];

  before(async () => {
    postgres = await openTestPostgres();
    const environment = { LINCHPIN_DATABASE_URL: await postgres.createMigratedDatabase() };
    // At once: migrations, first keys and the seed must not meet.
    issuers = await Promise.all([startSandboxIssuer({ environment }), startSandboxIssuer({ environment })]);
  });
  after(async () => {
    await Promise.all(issuers.map((issuer) => issuer.stop()));
    await postgres.stop();
  });

  const through = (index: number, holder: SolarisCardholder) => holder.at(issuers[index % 2 === 0 ? 0 : 1].url);

  it("answer 200 simultaneous wrong verifications with as many mismatches as are allowed, then blocked", async () => {
    const holder = await SolarisCardholder.create(issuers[0].url);
    assert.equal((await holder.changePin("1928", await holder.bindDevice())).status, 204);
    const sealed = await Promise.all(Array.from({ length: 200 }, () => holder.seal("3719")));
    const path = `/cards/${holder.sandbox.issuer.cardId}/pin/verify`;
    const answers = await Promise.all(
      sealed.map((request, index) => through(index, holder).operator("POST", path, request)),
    );
    const results = answers.map(({ body }) => body.result);
    assert.equal(results.filter((result) => result === "mismatch").length, 3);
    assert.equal(results.filter((result) => result === "blocked").length, 197);
    assert.deepEqual((await holder.verify("1928")).body, { result: "blocked", remainingAttempts: 0 });
    const blocking = (await holder.auditEvents()).filter(({ result }) => result === "mismatch");
    assert.equal(blocking.length, 3);
  });

  it("do one of two changes sent with the same JWE, and refuse it after", async () => {
    const holder = await SolarisCardholder.create(issuers[0].url);
    const request = await holder.sealAndSign("1928", await holder.bindDevice());
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => through(index, holder).sendChange(request)),
    );
    assert.equal(answers.filter(({ status }) => status === 204).length, 1);
    assert.equal(answers.filter(({ status }) => status === 409).length, 19);
    assert.equal((await holder.card()).pin.version, 1);
  });

  it("do every one of twenty different changes of one card at once", async () => {
    const holder = await SolarisCardholder.create(issuers[0].url);
    const device = await holder.bindDevice();
    const requests = await Promise.all(
      Array.from({ length: 20 }, (_, index) => holder.sealAndSign(`19${index + 28}`, device)),
    );
    const answers = await Promise.all(requests.map((request, index) => through(index, holder).sendChange(request)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([204]));
    assert.equal((await holder.card()).pin.version, 20);
  });

  it("see each other's rotation: what one publishes, the other opens", async () => {
    const holder = await SolarisCardholder.create(issuers[0].url);
    const device = await holder.bindDevice();
    assert.equal((await holder.operator("POST", "/keys/solaris-pin/rotate")).status, 201);
    const request = await holder.sealAndSign("1928", device);
    assert.equal((await through(1, holder).sendChange(request)).status, 204);
  });

  it("count wrong PINs of a caller together: no more pass than are allowed, and one for each further server", async () => {
    const environment = {
      LINCHPIN_DATABASE_URL: await postgres.createMigratedDatabase(),
      LINCHPIN_WRONG_SECRETS_PER_MINUTE: "4",
    };
    const clock = () => new Date("2026-11-22T12:00:10Z");
    const limited = [
      await startSandboxIssuer({ environment, clock }),
      await startSandboxIssuer({ environment, clock }),
    ] as const;
    try {
      const results: unknown[] = [];
      for (let index = 0; index < 8; index++) {
        const holder = (await SolarisCardholder.create(limited[0].url)).at(limited[0].url);
        assert.equal((await holder.changePin("1928", await holder.bindDevice())).status, 204);
        const { body } = await holder.at(limited[index % 2 === 0 ? 0 : 1].url).verify("2846");
        results.push(body.result ?? body.code);
      }
      assert.deepEqual(new Set(results.slice(0, 4)), new Set(["mismatch"]));
      assert.deepEqual(new Set(results.slice(5)), new Set(["rate_limited"]));
    } finally {
      for (const issuer of limited) await issuer.stop();
    }
  });
});
