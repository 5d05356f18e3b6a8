import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { openTestPostgres, type TestPostgres } from "@linchpin/test-fixtures/databases/postgres";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { transferBody, VenlyPartner, VenlyUser } from "@linchpin/testing/venly";
import { CountingUpstream } from "./counting-upstream.ts";

describe("a protected request sent to two servers at once", () => {
  let upstream: CountingUpstream;
  let postgres: TestPostgres;
  let issuers: readonly [SandboxIssuer, SandboxIssuer];

  before(async () => {
    upstream = await CountingUpstream.start();
    postgres = await openTestPostgres();
    const environment = {
      LINCHPIN_DATABASE_URL: await postgres.createMigratedDatabase(),
      LINCHPIN_VENLY_UPSTREAM_URL: upstream.url,
    };
    issuers = await Promise.all([startSandboxIssuer({ environment }), startSandboxIssuer({ environment })]);
  });
  after(async () => {
    upstream.stop();
    await Promise.all(issuers.map((issuer) => issuer.stop()));
    await postgres.stop();
  });

  const through = (index: number, user: VenlyUser) =>
    new VenlyUser(user.partner.at(issuers[index % 2 === 0 ? 0 : 1].url), user.id, user.pin);
  const makeUser = async () => (await VenlyPartner.create(issuers[0].url)).makeUser();

  it("runs once, by one header and by one idempotency key", async () => {
    const user = await makeUser();
    const idempotencyKey = randomUUID();
    const one = await user.sign(transferBody, user.pin, { idempotencyKey });
    const headers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 4 < 2 ? one : user.sign(transferBody, user.pin, { idempotencyKey }),
      ),
    );
    const answers = await Promise.all(
      headers.map((header, index) => through(index, user).sendTransfer(transferBody, header)),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.equal(answers.filter(({ status }) => status === 409).length, 19);
    assert.equal(upstream.received.length, 1);
  });

  it("buys no extra try: of fifty wrong ones, ten are told so", async () => {
    const user = await makeUser();
    const wrong = await Promise.all(
      Array.from({ length: 50 }, () => user.sign(transferBody, { ...user.pin, value: "000000" })),
    );
    const answers = await Promise.all(
      wrong.map((header, index) => through(index, user).sendTransfer(transferBody, header)),
    );
    const codes = answers.map(({ body }) => body.errors[0].code);
    assert.equal(codes.filter((code) => code === "pincode.incorrect").length, 10);
    assert.equal(codes.filter((code) => code === "pincode.no-tries-left").length, 40);
  });
});
