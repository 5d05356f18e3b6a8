import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "../packages/server/test/sandbox-issuer.ts";
import { assertVenlyError, transferBody, VenlyPartner, VenlyUser } from "../packages/server/test/venly-user.ts";
import { placeEmptyDatabase } from "../packages/store/test/empty-database.ts";
import { openTestPostgres, type TestPostgres } from "../packages/store/test/postgres.ts";
import { type IssuerProcess, startIssuerProcess } from "./issuer-process.ts";

/** Counts what reaches it, and answers when it is told to. */
class CountingUpstream {
  readonly #server: Server;
  /** Idempotency keys, as the assertions name them. */
  readonly received: string[] = [];
  isSilent = false;
  #onRequest: () => void = () => {};

  private constructor() {
    this.#server = createServer(({ headers }, response) => {
      const [, claims = ""] = String(headers["linchpin-assertion"]).split(".");
      this.received.push(JSON.parse(Buffer.from(claims, "base64url").toString()).idempotencyKey);
      this.#onRequest();
      if (!this.isSilent) response.writeHead(200, { "content-type": "application/json" }).end('{"success":true}');
    });
  }

  static async start(): Promise<CountingUpstream> {
    const upstream = new CountingUpstream();
    upstream.#server.listen(0, "127.0.0.1");
    await once(upstream.#server, "listening");
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  nextRequest(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRequest = resolve;
    });
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

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
