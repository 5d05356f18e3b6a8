import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { placeEmptyDatabase } from "@linchpin/test-fixtures/databases/empty-database";
import { assertVenlyError, transferBody, VenlyPartner } from "@linchpin/testing/venly";
import { type IssuerProcess, startIssuerProcess } from "../issuer-process.ts";
import { CountingUpstream } from "./counting-upstream.ts";

describe("a protected request whose issuer is killed", () => {
  let upstream: CountingUpstream;
  let folder: string;
  let environment: Record<string, string>;
  let issuer: IssuerProcess;

  before(async () => {
    upstream = await CountingUpstream.start();
    folder = await mkdtemp(join(tmpdir(), "linchpin-once-"));
    await placeEmptyDatabase(join(folder, "store"));
    environment = { LINCHPIN_DATA: folder, LINCHPIN_VENLY_UPSTREAM_URL: upstream.url };
    issuer = await startIssuerProcess(environment);
  });
  after(async () => {
    // First: while it listens, nothing ends.
    upstream.stop();
    await issuer.kill("SIGTERM");
    await rm(folder, { recursive: true, force: true });
  });

  it("while the upstream works on it, never reaches it again, by the same header or the same idempotency key", async () => {
    const partner = await VenlyPartner.create(issuer.url);
    const user = await partner.makeUser();
    const idempotencyKey = randomUUID();
    const header = await user.sign(transferBody, user.pin, { idempotencyKey });
    upstream.isSilent = true;
    const arrived = upstream.nextRequest();
    const answer = user.sendTransfer(transferBody, header).then(
      () => "answered",
      () => "cut off",
    );
    await arrived;
    await issuer.kill("SIGKILL");
    assert.equal(await answer, "cut off");
    upstream.isSilent = false;

    issuer = await startIssuerProcess(environment, issuer.port);
    assertVenlyError(await user.sendTransfer(transferBody, header), 409, "encryption.already-used");
    const again = await user.transfer(transferBody, user.pin, { idempotencyKey });
    assertVenlyError(again, 409, "idempotency-key.already-used");
    assert.equal(upstream.received.length, 1);

    assert.equal((await user.transfer()).status, 200, "a new one runs");
    await issuer.kill("SIGTERM");
    issuer = await startIssuerProcess(environment, issuer.port);
    const later = await user.transfer(transferBody, user.pin, { idempotencyKey });
    assertVenlyError(later, 409, "idempotency-key.already-used");
    assert.equal(upstream.received.length, 2);
  });

  it("in the middle of many, runs each at most once, and each that was answered", async () => {
    const user = await (await VenlyPartner.create(issuer.url)).makeUser();
    const headers = await Promise.all(Array.from({ length: 30 }, () => user.sign(transferBody)));
    const arrived = upstream.nextRequest();
    const answers = headers.map((header) =>
      user.sendTransfer(transferBody, header).then(
        ({ status }) => status,
        () => null,
      ),
    );
    await arrived;
    await issuer.kill("SIGKILL");
    const statuses = await Promise.all(answers);
    issuer = await startIssuerProcess(environment, issuer.port);
    const retried = await Promise.all(headers.map((header) => user.sendTransfer(transferBody, header)));
    for (const [index, { status }] of retried.entries())
      assert.ok(status === 409 || (status === 200 && statuses[index] !== 200));
    assert.equal(new Set(upstream.received).size, upstream.received.length, "none ran twice");
  });
});
