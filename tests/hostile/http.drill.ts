import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { sendRaw } from "@linchpin/test-fixtures/system/raw-http";
import { hostileStage, json } from "./stage.ts";

describe("an issuer, sent what no client library sends", () => {
  const { port, holder, operator, verifyPath, post, get, verify, verifyJson, besideOthers, assertProblem } =
    hostileStage();

  describe("what is no HTTP is refused, and the connection closed", () => {
    const body = '{"encrypted_pin":"x","key_id":"y"}';
    const chunked = `22\r\n${body}\r\n0\r\n\r\n`;
    for (const [what, headers, sent = body] of [
      ["a length below zero", "Content-Length: -1\r\n"],
      ["a length beyond every number", "Content-Length: 99999999999999999999999\r\n"],
      ["a length in hex", "Content-Length: 0x22\r\n"],
      ["a length with a sign", "Content-Length: +34\r\n"],
      ["a list of lengths", "Content-Length: 34, 34\r\n"],
      ["two lengths", "Content-Length: 5\r\nContent-Length: 50\r\n"],
      ["one length twice", "Content-Length: 34\r\nContent-Length: 34\r\n"],
      ["a length and chunks", "Content-Length: 34\r\nTransfer-Encoding: chunked\r\n", chunked],
      ["another transfer encoding", "Transfer-Encoding: gzip\r\n"],
      ["chunks within chunks", "Transfer-Encoding: chunked, chunked\r\n", chunked],
      ["nearly chunks", "Transfer-Encoding: xchunked\r\n", chunked],
      ["a space before the colon", "Transfer-Encoding : chunked\r\n", chunked],
      ["a chunk's length that is none", "Transfer-Encoding: chunked\r\n", `zz\r\n${body}\r\n0\r\n\r\n`],
      ["a chunk beyond every number", "Transfer-Encoding: chunked\r\n", "ffffffffffffffff0\r\n"],
      ["a chunk's endless extension", "Transfer-Encoding: chunked\r\n", `22;${"a".repeat(20_000)}\r\n`],
      ["a header on two lines", "X-A: a\r\n b\r\n"],
      ["a NUL in a header", "X-A: a\0b\r\n"],
    ] as const)
      it(what, async () => assertProblem(await besideOthers(verify(json + headers, sent)), 400, "request_invalid"));

    for (const [what, pieces] of [
      ["TLS", ["\x16\x03\x01\x02\x00\x01"]],
      ["HTTP/2", ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]],
      ["a method that is none", ["BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n"]],
      ["lines without a carriage return", ["POST / HTTP/1.1\nHost: localhost\n\n"]],
    ] as const)
      it(what, async () => assertProblem(await besideOthers(sendRaw(port(), pieces)), 400, "request_invalid"));

    for (const [what, headers] of [
      ["one header of 20 KB", `X-A: ${"a".repeat(20_000)}\r\n`],
      ["30,000 headers", Array.from({ length: 30_000 }, (_, index) => `a${index}:\r\n`).join("")],
    ] as const)
      it(what, async () => assertProblem(await besideOthers(get("/health/live", headers)), 431, "request_invalid"));

    it("a URL of 60 KB", async () => {
      assertProblem(await besideOthers(get(`/${"a".repeat(60_000)}`)), 431, "request_invalid");
    });

    it("a tunnel to somewhere else", async () => {
      const answer = await besideOthers(sendRaw(port(), ["CONNECT x:1 HTTP/1.1\r\nHost: localhost\r\n\r\n"]));
      assert.equal(answer.text, "");
    });
  });

  describe("a request that asks for too much is refused in its protocol's words", () => {
    const bomb = gzipSync(Buffer.alloc(16 * 1024 * 1024, 0x20));
    const packed = `Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n`;

    it("a packed body of the issuer API's", async () => {
      assertProblem(await besideOthers(verify(json + packed, bomb)), 415, "media_type_unsupported");
    });
    it("a packed body of Solaris'", async () => {
      const form = "Content-Type: application/x-www-form-urlencoded\r\n";
      const { status, body } = await besideOthers(post("/solaris/oauth2/token", form + packed, bomb));
      assert.deepEqual([status, JSON.parse(body).errors[0].code], [415, "unsupported_media_type"]);
    });
    it("a packed body of Adyen's", async () => {
      const key = `X-API-Key: ${holder().sandbox.adyen.apiKey}\r\n`;
      const { status, body } = await besideOthers(post("/adyen/bcl/v2/pins/change", key + json + packed, bomb));
      assert.deepEqual([status, JSON.parse(body).title], [415, "Unsupported Media Type"]);
    });
    it("a packed body of Venly's", async () => {
      const { tokenUrl, clientId, clientSecret } = holder().sandbox.venly;
      const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
      const response = await fetch(tokenUrl, { method: "POST", body: new URLSearchParams(credentials) });
      const bearer = `Authorization: Bearer ${(await response.json()).access_token}\r\n`;
      const { status, body } = await besideOthers(post("/venly/api/users", bearer + json + packed, bomb));
      assert.deepEqual([status, JSON.parse(body).success], [415, false]);
    });
    it("a body of a length that is told beforehand", async () => {
      assertProblem(await besideOthers(verify(`${json}Content-Length: 99999999999\r\n`, "")), 413, "body_too_large");
    });
    it("a body without end, in chunks", async () => {
      const endless = function* () {
        yield `POST ${verifyPath()} HTTP/1.1\r\nHost: localhost\r\n${operator()}${json}Transfer-Encoding: chunked\r\n\r\n`;
        for (let count = 0; count < 1000; count++) yield `1000\r\n${" ".repeat(0x1000)}\r\n`;
      };
      assert.match((await besideOthers(sendRaw(port(), endless()))).text, /^HTTP\/1\.1 413 |^$/);
    });
  });

  describe("JSON that is made to be read in two ways, or to cost", () => {
    for (const [what, body, code] of [
      ["a prototype", '{"__proto__":{"isOperator":true},"encrypted_pin":"x","key_id":"y"}', "json_invalid"],
      ["a constructor", '{"constructor":{"prototype":{"a":1}},"encrypted_pin":"x","key_id":"y"}', "json_invalid"],
      ["30,000 lists in each other", "[".repeat(30_000) + "]".repeat(30_000), "request_invalid"],
      ["30,000 lists that do not end", "[".repeat(30_000), "json_invalid"],
      ["10,000 objects in each other", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, "request_invalid"],
      ["what is not UTF-8", Buffer.from('{"encrypted_pin":"\xff\xfe","key_id":"y"}', "latin1"), "json_invalid"],
      ["an overlong encoding", Buffer.from('{"encrypted_pin":"\xc0\xaf","key_id":"y"}', "latin1"), "json_invalid"],
      ["UTF-16", Buffer.from('{"encrypted_pin":"x","key_id":"y"}', "utf16le"), "json_invalid"],
      ["a number as long as the body", `{"encrypted_pin":${"9".repeat(60_000)},"key_id":"y"}`, "request_invalid"],
      ["members that are not documented", '{"encrypted_pin":"x","key_id":"y","isOperator":true}', "request_invalid"],
    ] as const)
      it(what, async () => assertProblem(await besideOthers(verifyJson(body)), 400, code));

    it("NUL, which the store does not take", async () => {
      assertProblem(
        await besideOthers(verifyJson('{"encrypted_pin":"\\u0000","key_id":"\\u0000"}')),
        422,
        "jwe_malformed",
      );
      const name = '{"name":"a\\u0000"}';
      const length = `Content-Length: ${name.length}\r\n`;
      assertProblem(
        await besideOthers(post("/issuer/v1/partners", operator() + json + length, name)),
        400,
        "request_invalid",
      );
    });

    it("a member twice: the last one counts, as it does for JSON.parse", async () => {
      const { encrypted_pin, key_id } = await holder().seal("1928");
      const twice = `{"encrypted_pin":"x","encrypted_pin":"${encrypted_pin}","key_id":"${key_id}"}`;
      const { status, body } = await verifyJson(twice);
      assert.deepEqual([status, JSON.parse(body).result], [200, "match"]);
    });

    for (const type of ["text/xml", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ";;;"])
      it(`JSON that says it is ${type}`, async () => {
        const headers = `Content-Type: ${type}\r\nContent-Length: 2\r\n`;
        assertProblem(await besideOthers(verify(headers, "{}")), 415, "media_type_unsupported");
      });
  });

  describe("paths and headers that are made to reach something else", () => {
    for (const [what, path, status, code] of [
      ["a card called __proto__", "/issuer/v1/cards/__proto__", 404, "card_unknown"],
      ["a card called constructor", "/issuer/v1/cards/constructor", 404, "card_unknown"],
      ["a NUL", "/issuer/v1/cards/a%00b", 400, "request_invalid"],
      ["what is not UTF-8", "/issuer/v1/cards/%ff%fe", 400, "request_invalid"],
      ["no hex after a percent sign", "/issuer/v1/cards/%zz", 400, "request_invalid"],
      ["a name of 8 KB", `/issuer/v1/cards/${"a".repeat(8000)}`, 400, "request_invalid"],
      ["a way out of the prefix", "/issuer/v1/../../sandbox", 404, "not_found"],
      ["a prototype in the query", "/issuer/v1/audit-events?__proto__[x]=1", 400, "request_invalid"],
      ["a parameter twice", "/issuer/v1/audit-events?limit=1&limit=2", 400, "request_invalid"],
    ] as const)
      it(what, async () => assertProblem(await besideOthers(get(path, operator())), status, code));

    for (const header of ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
      it(`another method by ${header}`, async () => {
        const change = '{"state":"blocked"}';
        const headers = `${operator()}${json}${header}: PATCH\r\nContent-Length: ${change.length}\r\n`;
        const answer = await besideOthers(post(`/issuer/v1/cards/${holder().sandbox.issuer.cardId}`, headers, change));
        assertProblem(answer, 404, "not_found");
      });

    it("two callers at once", async () => {
      const another = "Authorization: Bearer another\r\n";
      assertProblem(await besideOthers(get("/issuer/v1/keys", another + operator())), 401, "caller_unknown");
    });

    it("an expectation that is none", async () => {
      assert.equal((await besideOthers(verify(`${json}Expect: a-pony\r\nContent-Length: 2\r\n`, "{}"))).status, 417);
    });
  });

  describe("many in one piece", { concurrency: true }, () => {
    it("1,000 requests in one piece are answered one by one, in their order", async () => {
      const requests = Array.from(
        { length: 1000 },
        (_, index) => `GET /${index % 2 ? "health/live" : "none"} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      );
      const last = "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      const { text } = await besideOthers(sendRaw(port(), [requests.join("") + last]));
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
      assert.deepEqual(statuses, [...Array.from({ length: 1000 }, (_, index) => (index % 2 ? "200" : "404")), "200"]);
    });

    it("a request behind one that is refused is not carried out", async () => {
      const smuggled = `PATCH /issuer/v1/cards/${holder().sandbox.issuer.cardId} HTTP/1.1\r\nHost: localhost\r\n${operator()}${json}Content-Length: 19\r\n\r\n{"state":"blocked"}`;
      const first = `POST ${verifyPath()} HTTP/1.1\r\nHost: localhost\r\n${operator()}${json}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
      assertProblem(await besideOthers(sendRaw(port(), [first + smuggled])), 400, "request_invalid");
    });
  });
});
