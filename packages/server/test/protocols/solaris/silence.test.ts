import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { handMadeJwe } from "@linchpin/test-fixtures/messages/hand-made-jwe";
import { call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";
import pino from "pino";

// Twelve digits that nothing else is likely to hold; the program takes them.
const digits = "914273865042";

describe("a PIN leaves no trace", () => {
  let issuer: SandboxIssuer;
  let holder: SolarisCardholder;
  let logged = "";
  const said: string[] = [];

  before(async () => {
    const lines = new PassThrough();
    lines.on("data", (chunk) => {
      logged += chunk;
    });
    issuer = await startSandboxIssuer({ embedded: true, log: pino({ level: "trace" }, lines) });
    holder = await SolarisCardholder.create(issuer.url);
    const policy = { minLength: 4, maxLength: 12 };
    const { body: program } = await holder.operator("POST", "/programs", {
      name: "twelve digits",
      settings: { policy },
    });
    const { personId } = holder.sandbox.solaris;
    const { body: card } = await holder.operator("POST", "/cards", { personId, programId: program.id });
    holder.sandbox.issuer.cardId = card.id;
    holder.sandbox.solaris.cardAccountId = card.names.solaris;

    const device = await holder.bindDevice();
    const send = async (request: unknown) => said.push(JSON.stringify((await holder.sendChange(request)).body));
    assert.equal((await holder.changePin(digits, device)).status, 204);
    assert.equal((await holder.verify(digits)).body.result, "match");
    const right = await holder.sealAndSign(digits, device);
    const { body: pinKey } = await holder.partner("GET", "/v1/cards/pin_keys/latest");
    await send({ ...right, signature: "30060201010201" });
    await send({ ...right, encrypted_pin: `${right.encrypted_pin}A` });
    await send({ ...right, [digits]: digits });
    await send({ ...right, device_id: Number(digits) });
    await send(`{"encrypted_pin": "${digits}`);
    await send({ ...right, encrypted_pin: handMadeJwe(pinKey, `{"pin":${digits}}`) });
    said.push(await (await fetch(`${issuer.url}/metrics`)).text());
    said.push(JSON.stringify(await holder.auditEvents()));
    said.push(JSON.stringify((await call("GET", `${issuer.url}/openapi.json`)).body));
  });
  after(() => issuer.stop());

  it("in the log at its most talkative level", () => {
    assert.ok(logged.includes("pin_update_requests"), "there is a log");
    assert.ok(!logged.includes(digits));
  });

  it("in answers, metrics and audit events", () => {
    for (const text of said) assert.ok(!text.includes(digits));
  });

  it("in the files of the embedded store", async () => {
    const files = await readdir(issuer.dataFolder, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
    );
    assert.ok(
      contents.some((content) => content.includes("solaris.pin_update_requests")),
      "the store is in them",
    );
    for (const content of contents) assert.ok(!content.includes(digits));
  });
});
