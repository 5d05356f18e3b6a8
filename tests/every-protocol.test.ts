import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { Pin, utf8 } from "@linchpin/core";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import {
  acceptIssuerKey,
  makePinChangeRequest,
  makeRevealRequest,
  openRevealedPin,
} from "@linchpin/protocols/adyen/device";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { PlumeryClient } from "@linchpin/testing/plumery";
import { SolarisCardholder } from "@linchpin/testing/solaris";

/** Every way to give a card its PIN. Each resolves to the PIN that the card has then. */
const writers: Readonly<Record<string, (holder: SolarisCardholder, digits: string) => Promise<string>>> = {
  "Solaris, signed by the device": async (holder, digits) => {
    assert.equal((await holder.changePin(digits, await holder.bindDevice())).status, 204);
    return digits;
  },
  "Solaris, by change request": async (holder, digits) => {
    const person_id = holder.sandbox.solaris.personId;
    const path = `/v1/change_requests/${(await holder.requestChange(digits)).body.id}`;
    await holder.partner("POST", `${path}/authorize`, { person_id, delivery_method: "mobile_number" });
    const confirmed = await holder.partner("POST", `${path}/confirm`, { person_id, tan: await holder.newestOtp() });
    assert.equal(confirmed.body.status, "COMPLETED");
    return digits;
  },
  Adyen: async (holder, digits) => {
    const { paymentInstrumentId } = holder.sandbox.adyen;
    const issuerKey = acceptIssuerKey((await adyen(holder, "GET", "/publicKey?purpose=pinChange")).body);
    const pin = new Pin(utf8(digits));
    const request = await makePinChangeRequest(primitives, { pin, issuerKey, paymentInstrumentId });
    assert.deepEqual((await adyen(holder, "POST", "/pins/change", request)).body, { status: "completed" });
    return digits;
  },
  "the issuer, at random": async (holder) => {
    const { baseUrl, cardId } = holder.sandbox.issuer;
    assert.equal((await holder.operator("POST", `/cards/${cardId}/pin/generate`)).status, 200);
    const messages = new URL("/sandbox/messages", baseUrl);
    messages.searchParams.set("to", holder.sandbox.solaris.mobileNumber);
    const letter = (await call("GET", messages.href)).body.at(-1);
    return /\b\d{4}\b/.exec(letter.text)?.[0] ?? "";
  },
};

/** Every way to read or check it: what each makes of the card's PIN and a guess. */
const readers: Readonly<Record<string, (holder: SolarisCardholder, guess: string) => Promise<boolean>>> = {
  "verified natively": async (holder, guess) => (await holder.verify(guess)).body.result === "match",
  "revealed by Adyen": async (holder, guess) => {
    const { paymentInstrumentId } = holder.sandbox.adyen;
    const issuerKey = acceptIssuerKey((await adyen(holder, "GET", "/publicKey?purpose=pinReveal")).body);
    const { request, sessionKey } = await makeRevealRequest(primitives, { issuerKey, paymentInstrumentId });
    const { body: reply } = await adyen(holder, "POST", "/pins/reveal", request);
    return (await openRevealedPin(primitives, { reply, sessionKey })).equals(new Pin(utf8(guess)));
  },
  "revealed by Plumery": async (holder, guess) => {
    const client = await PlumeryClient.create(holder.sandbox);
    return JSON.stringify(await client.revealedPin()) === JSON.stringify({ pin: guess });
  },
};

function adyen({ sandbox }: SolarisCardholder, method: string, path: string, body?: unknown) {
  const { baseUrl, apiKey } = sandbox.adyen;
  return call(method, `${baseUrl}${path}`, { headers: { "x-api-key": apiKey }, body });
}

const readmePath = new URL("../README.md", import.meta.url);
const update = "UPDATE_README=1 npm test -- 'tests/every-protocol.test.ts'";

describe("one card behind every protocol", () => {
  let issuer: SandboxIssuer;
  const held = new Set<string>();
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  let count = 0;
  for (const [writer, write] of Object.entries(writers))
    for (const [reader, read] of Object.entries(readers))
      it(`a PIN set by ${writer} is ${reader}, and no other is`, async () => {
        const holder = await SolarisCardholder.create(issuer.url);
        count += 1;
        await write(holder, "7391");
        const digits = await write(holder, `0${String(count).padStart(2, "5")}8`);
        assert.ok(await read(holder, digits));
        const another = String((Number(digits) + 1) % 10_000).padStart(4, "0");
        assert.ok(!(await read(holder, another)));
        assert.equal((await holder.card()).pin.version, 2);
        held.add(`${writer} ${reader}`);
      });

  it("is what the README says", () => {
    const readme = readFileSync(readmePath, "utf8");
    const table = pairsTable((writer, reader) => held.has(`${writer} ${reader}`));
    const written = readme.replace(/(<!-- pairs:begin -->\n).*?(\n<!-- pairs:end -->)/s, `$1${table}$2`);
    if (process.env["UPDATE_README"] === "1") writeFileSync(readmePath, written);
    else assert.equal(readme, written, `README.md has another table than these tests make: ${update}`);
    assert.ok(written.includes(table), "README.md has the marks <!-- pairs:begin --> and <!-- pairs:end -->");
  });
});

function pairsTable(holds: (writer: string, reader: string) => boolean): string {
  const columns = Object.keys(readers);
  const rows = Object.keys(writers).map((writer) => [
    writer,
    ...columns.map((reader) => (holds(writer, reader) ? "yes" : "no")),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [["a PIN set by", ...columns], ["", ...columns].map(() => "---"), ...rows].map(line).join("\n");
}
