import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, describe, it } from "node:test";
import { webCryptoPrimitives as primitives } from "@linchpin/core/webcrypto";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { NativeCardholder, sealedMessage } from "@linchpin/testing/native";
import pino from "pino";

// Twelve digits each, that nothing else is likely to hold; the program takes them.
const pins = { current: "914273865042", wrong: "382915604738", refused: "111111111111", misplaced: "740382916574" };
const pan = "9999990012345670";

describe("secrets of the native protocol leave no trace", () => {
  let issuer: SandboxIssuer;
  let logged = "";
  let said = "";
  let code = "";

  before(async () => {
    const lines = new PassThrough();
    lines.on("data", (chunk) => {
      logged += chunk;
    });
    issuer = await startSandboxIssuer({ embedded: true, log: pino({ level: "trace" }, lines) });
    const first = await NativeCardholder.create(issuer.url);
    const settings = { policy: { minLength: 4, maxLength: 12 }, changeByCode: true, nativeOnly: true };
    const program = (await first.operator("POST", "/programs", { name: "twelve digits", settings })).body;
    const { personId } = first.sandbox.native;
    const card = (await first.operator("POST", "/cards", { personId, programId: program.id })).body;
    const data = { pan, cvv2: "123", expiration: { month: 7, year: 2031 } };
    assert.equal((await first.operator("PUT", `/cards/${card.id}/data`, data)).status, 204);
    const { sandbox } = first;
    const holder = await NativeCardholder.of({
      ...sandbox,
      native: { ...sandbox.native, cardId: card.names.native },
      issuer: { ...sandbox.issuer, cardId: card.id },
    });

    const byCode = await holder.session({ op: "pin-change", auth: "code" });
    code = await holder.newestCode();
    const secrets = { code, digits: pan.slice(-8) };
    const changed = await holder.seal(byCode, { pin: pins.current, ...secrets });
    assert.equal(changed.outcome?.result, "changed");
    const device = await primitives.makeSigningKey();
    const binding = await holder.session({ op: "bind", auth: "code", key: device });
    const bound = await holder.seal(binding, { code: await holder.newestCode(), digits: secrets.digits }, device);
    assert.equal(bound.outcome?.result, "bound");

    assert.equal((await holder.verifyPin(pins.current, device)).outcome?.result, "match");
    assert.equal((await holder.verifyPin(pins.wrong, device)).outcome?.result, "mismatch");
    assert.equal((await holder.changePin(pins.refused, device)).outcome?.result, "refused");
    assert.equal(await holder.revealedPin(device), pins.current);
    await holder.revealedCard(device);
    const session = await holder.session(await holder.wishOf("pin-change", device));
    const { request } = await sealedMessage(session, { pin: pins.wrong }, device);
    const { misplaced } = pins;
    for (const body of [
      { ...request, [misplaced]: misplaced },
      { ...request, message: misplaced },
      { ...request, session: misplaced },
      { ...request, signature: misplaced },
      `{"session": "${misplaced}`,
    ])
      said += JSON.stringify((await holder.partner("/operations", body)).body);
    for (const body of [{ op: misplaced }, { op: "bind", auth: "code", card: misplaced, nonce: misplaced }])
      said += JSON.stringify((await holder.partner("/sessions", body)).body);
    said += await (await fetch(`${issuer.url}/metrics`)).text();
    said += JSON.stringify(await holder.auditEvents());
    said += JSON.stringify((await call("GET", `${issuer.url}/openapi.json`)).body);
  });
  after(() => issuer.stop());

  const assertSilent = (text: string) => {
    for (const [which, digits] of Object.entries({ ...pins, pan })) assert.ok(!text.includes(digits), which);
  };

  it("in the log at its most talkative level", () => {
    assert.ok(logged.includes("/native/v1/operations"), "there is a log");
    assertSilent(logged);
    assert.ok(!logged.includes(code));
  });

  it("in an answer, a metric or an audit event", () => {
    assert.ok(said.includes("native.pin_change_by_code"));
    assertSilent(said);
    assert.ok(!said.includes(`"${code}"`));
  });

  it("in a file of the database", async () => {
    const names = await readdir(issuer.dataFolder, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    assert.ok(files.length > 10);
    for (const { parentPath, name } of files) assertSilent(await readFile(join(parentPath, name), "latin1"));
  });
});
