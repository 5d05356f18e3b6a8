import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { LinchpinError } from "@linchpin/core";
import { makeSandboxFactory } from "@linchpin/sandbox";
import { readSettings } from "@linchpin/server";
import { openOwnContext } from "@linchpin/test-fixtures/issuer/own-context";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { assertVenlyError, fetchToken, transferBody, VenlyPartner, type VenlyUser } from "@linchpin/testing/venly";
import { createLocalJWKSet, jwtVerify } from "jose";
import { createApp } from "../../../src/app.ts";
import { protocolTable } from "../../../src/protocol-table.ts";

const timeoutMs = 1500;

/** What reached the upstream. */
interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

describe("a Venly protected request, handed on", () => {
  let upstream: Server;
  let issuer: SandboxIssuer;
  let user: VenlyUser;
  const received: Received[] = [];
  let answer: (response: ServerResponse) => void;

  before(async () => {
    upstream = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { method = "", url: path = "", headers } = request;
      received.push({ method, path, headers, body: Buffer.concat(chunks) });
      answer(response);
    }).listen(0, "127.0.0.1");
    await once(upstream, "listening");
    issuer = await startSandboxIssuer({
      environment: {
        LINCHPIN_VENLY_UPSTREAM_URL: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/wallet/`,
        LINCHPIN_VENLY_UPSTREAM_TIMEOUT_MS: String(timeoutMs),
        LINCHPIN_VENLY_PLAIN_BIOMETRIC: "refuse",
        LINCHPIN_VENLY_PROTECTED: "POST /api/transactions,PUT /api/wallets/:id/limit, DELETE /api/wallets/:id",
      },
    });
    user = await (await VenlyPartner.create(issuer.url)).makeUser();
  });
  after(async () => {
    await issuer.stop();
    upstream.closeAllConnections();
    upstream.close();
  });

  const answerWith = (status: number, headers: Record<string, string>, body: string) => {
    answer = (response) => response.writeHead(status, headers).end(body);
  };
  const send = (method: string, path: string, body: string, header: string) =>
    call(method, `${user.partner.baseUrl}${path}`, {
      bearer: user.partner.token,
      headers: {
        "encrypted-signing-method": header,
        ...(body === "" ? {} : { "content-type": "application/json; charset=utf-8" }),
      },
      ...(body === "" ? {} : { body }),
    });

  it("is not asked where the operator refuses a biometric by the plain header, and no attempt is counted", async () => {
    const { id, value } = await user.addBiometric();
    const before = received.length;
    const headers = { "signing-method": `${id}:${value}` };
    const answered = await user.partner.send("POST", "/api/transactions", "{}", headers);
    assert.deepEqual([answered.status, answered.body.errors[0].code], [400, "request.invalid"]);
    assert.equal(received.length, before);
    assert.equal(await user.incorrectAttempts(id), 0);
  });

  it("brings its bytes unchanged and an assertion that verifies, and no secret", async () => {
    answerWith(200, { "content-type": "application/json" }, "{}");
    const body = '{ "amount" : 1.50,\t"to":"Zoë\\u0020💶" }\r\n';
    const idempotencyKey = randomUUID();
    const header = await user.sign(body, user.pin, { idempotencyKey });
    assert.equal((await send("POST", "/api/transactions?x=1", body, header)).status, 200);
    const got = received.at(-1) ?? assert.fail();
    assert.equal(got.body.toString(), body);
    assert.deepEqual([got.method, got.path], ["POST", "/wallet/api/transactions?x=1"]);
    assert.equal(got.headers["content-type"], "application/json; charset=utf-8");
    for (const name of ["authorization", "encrypted-signing-method", "signing-method"])
      assert.equal(got.headers[name], undefined);
    assert.ok(!JSON.stringify(got.headers).includes(user.pin.value));

    const { body: keys } = await call("GET", `${user.partner.baseUrl}/api/assertion-keys`);
    const token = String(got.headers["linchpin-assertion"]);
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), { algorithms: ["ES256"] });
    const { iat = 0, exp = 0, ...claims } = payload;
    assert.equal(exp - iat, 60);
    assert.deepEqual(claims, {
      iss: `${issuer.url}/venly`,
      sub: user.id,
      methodId: user.pin.id,
      methodType: "PIN",
      bodySha256: createHash("sha256").update(body).digest("hex"),
      method: "POST",
      path: "/api/transactions?x=1",
      idempotencyKey,
    });
    const altered = `${token.slice(0, -8)}AAAAAAAA`;
    await assert.rejects(jwtVerify(altered, createLocalJWKSet(keys), { algorithms: ["ES256"] }));
  });

  it("is answered as the upstream answers: status, type and bytes", async () => {
    for (const [status, type, body] of [
      [201, "application/vnd.wallet+json", '{"a": 1}'],
      [400, "application/json", '{"success":false,"errors":[{"code":"wallet.empty"}]}'],
      [500, "text/plain", "down"],
      [302, "text/html", "<a>elsewhere</a>"],
    ] as const) {
      answerWith(status, { "content-type": type, location: `${issuer.url}/health/live` }, body);
      const response = await fetch(`${user.partner.baseUrl}/api/transactions`, {
        method: "POST",
        redirect: "manual",
        headers: {
          authorization: `Bearer ${user.partner.token}`,
          "content-type": "application/json",
          "encrypted-signing-method": await user.sign(transferBody),
        },
        body: transferBody,
      });
      assert.deepEqual([response.status, response.headers.get("content-type")], [status, type]);
      assert.equal(await response.text(), body);
    }
  });

  it("may be any that the operator protects, with or without a body", async () => {
    answerWith(204, {}, "");
    const limit = '{"limit":5}';
    assert.equal((await send("PUT", "/api/wallets/w-1/limit", limit, await user.sign(limit))).status, 204);
    assert.equal((await send("DELETE", "/api/wallets/w-1", "", await user.sign(""))).status, 204);
    assert.deepEqual(
      received.slice(-2).map(({ method, path }) => `${method} ${path}`),
      ["PUT /wallet/api/wallets/w-1/limit", "DELETE /wallet/api/wallets/w-1"],
    );
    const unprotected = await send("POST", "/api/transactions/execute", limit, await user.sign(limit));
    assertVenlyError(unprotected, 404, "resource.not-found");
  });

  it("does not go on when the signing method is wrong, missing or for another body", async () => {
    const before = received.length;
    const wrong = await user.sign(transferBody, { ...user.pin, value: "000000" });
    assertVenlyError(await send("POST", "/api/transactions", transferBody, wrong), 403, "pincode.incorrect");
    assertVenlyError(
      await send("POST", "/api/transactions", "{}", await user.sign(transferBody)),
      400,
      "signature.mismatch",
    );
    assertVenlyError(await send("POST", "/api/transactions", transferBody, ""), 400, "encryption.invalid");
    assert.equal(received.length, before);
  });

  for (const [what, status, code, behave] of [
    ["does not answer in time", 504, "upstream.timeout", () => {}],
    ["answers half in time", 504, "upstream.timeout", (response: ServerResponse) => response.writeHead(200).write("{")],
    ["hangs up", 502, "upstream.failed", (response: ServerResponse) => response.destroy()],
  ] as const)
    it(`is refused when the upstream ${what}, and never runs again under its idempotency key`, async () => {
      answer = behave;
      const before = received.length;
      const idempotencyKey = randomUUID();
      const header = await user.sign(transferBody, user.pin, { idempotencyKey });
      assertVenlyError(await send("POST", "/api/transactions", transferBody, header), status, code);
      assert.equal(received.length, before + 1, "asked once");
      answerWith(200, {}, "{}");
      assertVenlyError(await send("POST", "/api/transactions", transferBody, header), 409, "encryption.already-used");
      const fresh = await user.sign(transferBody, user.pin, { idempotencyKey });
      assertVenlyError(
        await send("POST", "/api/transactions", transferBody, fresh),
        409,
        "idempotency-key.already-used",
      );
      assert.equal(received.length, before + 1);
      assert.equal((await send("POST", "/api/transactions", transferBody, await user.sign(transferBody))).status, 200);
    });

  it("is refused when the upstream is not there", async () => {
    const lost = await startSandboxIssuer({ environment: { LINCHPIN_VENLY_UPSTREAM_URL: "http://127.0.0.1:1" } });
    try {
      const owner = await (await VenlyPartner.create(lost.url)).makeUser();
      assertVenlyError(await owner.transfer(), 502, "upstream.failed");
    } finally {
      await lost.stop();
    }
  });

  it("goes nowhere when its path could be read as another, and spends nothing", async () => {
    answerWith(200, { "content-type": "application/json" }, "{}");
    const { hostname, port, origin } = new URL(issuer.url);
    const header = await user.sign("{}", user.pin, { idempotencyKey: randomUUID() });
    const before = received.length;
    for (const target of [
      "/venly/api/wallets/../limit",
      "/venly/api/wallets/%2e%2e/limit",
      "/venly/api/wallets/%2E./limit",
      "/venly/api/wallets/a\\b/limit",
      "/%76enly/api/wallets/a/limit",
      `${origin}/venly/api/wallets/a/limit`,
      "/venly/api/wallets/..%2F..%2Fadmin/limit",
      "/venly/api/wallets/..%2f..%2fadmin/limit",
      "/venly/api/wallets/..;/limit",
      "/venly/api/wallets/a;b=c/limit",
      "/venly/api/wallets/..%5cadmin/limit",
      "/venly/api/wallets/%252e%252e/limit",
      "/venly/api/wallets/a%00/limit",
      "/venly/api/wallets/.../limit",
      "/venly/api/wallets//limit",
      "/venly/api/wallets/%61/limit",
      "/venly/api/wallets/a%20b/limit",
      "/venly/api/wallets/a:b/limit",
      "/venly/api/wallets/%C3%A4/limit",
    ])
      assert.equal(await statusOf({ hostname, port, target, header }), 404, target);
    assert.equal(received.length, before);
    assert.equal((await send("PUT", "/api/wallets/A.b_c~d-0/limit", "{}", header)).status, 200, "nothing was spent");
    assert.equal(received.at(-1)?.path, "/wallet/api/wallets/A.b_c~d-0/limit");
  });

  /** The target goes out as it stands here: `fetch` would normalize it. */
  function statusOf({ hostname, port, target, header }: Record<"hostname" | "port" | "target" | "header", string>) {
    return new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${user.partner.token}`,
        "encrypted-signing-method": header,
        "content-type": "application/json; charset=utf-8",
      };
      request({ hostname, port, method: "PUT", path: target, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end("{}");
    });
  }

  it("is refused in words where the operator has set no upstream, and spends nothing", async () => {
    const { context, close } = await openOwnContext(() => new Date());
    const app = await createApp(context, {
      protocols: protocolTable,
      settings: readSettings({ LINCHPIN_MODE: "sandbox" }),
      sandbox: null,
    });
    try {
      await makeSandboxFactory().open(context, { protocols: protocolTable, masterKey: new Uint8Array(32) });
      const origin = await app.listen({ host: "127.0.0.1", port: 0 });
      const baseUrl = `${origin}/venly`;
      const tokenUrl = `${baseUrl}/auth/realms/Arkane/protocol/openid-connect/token`;
      const credentials = { clientId: "sandbox-venly", clientSecret: "sandbox-venly-secret", tokenUrl };
      const { body } = await fetchToken(credentials);
      const refused = await call("POST", `${baseUrl}/api/transactions`, {
        bearer: body.access_token,
        body: transferBody,
        headers: { "signing-method": "nobody:482915" },
      });
      assertVenlyError(refused, 503, "upstream.not-configured");
      assert.match(refused.body.errors[0].message, /the operator has set none/);
    } finally {
      await app.close();
      await close();
    }
  });
});

describe("the settings of Venly's protected requests", () => {
  for (const [name, value] of [
    ["LINCHPIN_VENLY_PROTECTED", "GET /api/transactions"],
    ["LINCHPIN_VENLY_PROTECTED", "POST api/transactions"],
    ["LINCHPIN_VENLY_PROTECTED", "POST /api/transactions, POST /api/transactions"],
    ["LINCHPIN_VENLY_PROTECTED", "POST /api/transactions,"],
    ["LINCHPIN_VENLY_PROTECTED", "PUT /api/users/:id"],
    ["LINCHPIN_VENLY_PROTECTED", "POST /auth/token"],
    ["LINCHPIN_VENLY_PROTECTED", "POST /api/*"],
    ["LINCHPIN_VENLY_PLAIN_BIOMETRIC", "yes"],
    ["LINCHPIN_VENLY_UPSTREAM_URL", "wallet.example"],
    ["LINCHPIN_VENLY_UPSTREAM_URL", "file:///etc/passwd"],
    ["LINCHPIN_VENLY_UPSTREAM_TIMEOUT_MS", "10s"],
  ] as const)
    it(`refuse ${name}=${value}`, () => {
      assert.throws(
        () => readSettings({ LINCHPIN_MODE: "sandbox", [name]: value }),
        (error) =>
          error instanceof LinchpinError && error.code === "settings_invalid" && !!error.reason?.includes(name),
      );
    });
});
