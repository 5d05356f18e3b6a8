import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { after, before, describe, it } from "node:test";
import { utf8 } from "@linchpin/core";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { transferBody, VenlyPartner } from "@linchpin/testing/venly";
import pino from "pino";

const pin = "914273";
const biometric = "914273865042-biometric";

describe("a signing method leaves no trace", () => {
  let issuer: SandboxIssuer;
  let logged = "";
  const said: string[] = [];
  const secrets = [`"${pin}"`, `:${pin}`, biometric];

  before(async () => {
    const lines = new PassThrough();
    lines.on("data", (chunk) => {
      logged += chunk;
    });
    issuer = await startSandboxIssuer({ embedded: true, log: pino({ level: "trace" }, lines) });
    const partner = await VenlyPartner.create(issuer.url);
    const user = await partner.makeUser(pin);
    const path = `/api/users/${user.id}/signing-methods`;
    const plain = { "signing-method": `${user.pin.id}:${pin}` };
    const send = async (method: string, to: string, body: unknown, headers: Record<string, string> = plain) => {
      said.push(JSON.stringify((await partner.send(method, to, body, headers)).body));
    };
    secrets.push((await user.addEmergencyCode()).value);
    await send("POST", "/api/users", { reference: "r", signingMethod: { type: "PIN", value: pin } });
    await send("POST", "/api/users", `{"reference":"r","signingMethod":{"type":"PIN","value":"${pin}`);
    await send("POST", "/api/users", { reference: "r", signingMethod: { type: "PIN", value: pin }, [pin]: pin });
    await send("POST", path, { type: "BIOMETRIC", value: biometric, physicalDeviceId: "phone" });
    await send("PUT", `${path}/${user.pin.id}`, { value: biometric });
    await send("POST", "/api/transactions", transferBody);
    await send("POST", "/api/transactions", transferBody, { "signing-method": `${pin}:${pin}` });
    await send("POST", "/api/transactions", transferBody, { "signing-method": pin });
    await send("POST", "/api/transactions", transferBody, { "encrypted-signing-method": pin });
    await user.addMethod({ type: "BIOMETRIC", value: utf8(biometric), physicalDeviceId: "phone" });
    said.push(JSON.stringify((await call("GET", `${issuer.url}/sandbox/transfers`)).body));
    said.push(await (await fetch(`${issuer.url}/metrics`)).text());
    said.push(await auditTrail());
  });
  after(() => issuer.stop());

  async function auditTrail(): Promise<string> {
    const { body: sandbox } = await call("GET", `${issuer.url}/sandbox`);
    const { baseUrl, apiKey: bearer } = sandbox.issuer;
    const { body: shards } = await call("GET", `${baseUrl}/audit-shards`, { bearer });
    const pages = shards.map(({ shard }: { shard: number }) =>
      call("GET", `${baseUrl}/audit-events?shard=${shard}&limit=1000`, { bearer }),
    );
    return JSON.stringify(await Promise.all(pages));
  }

  it("in the log at its most talkative level", () => {
    assert.ok(logged.includes("/venly/api/transactions"), "there is a log");
    for (const secret of secrets) assert.ok(!logged.includes(secret));
  });

  it("in answers, metrics, transfers and audit events", () => {
    assert.equal(secrets.length, 4);
    for (const text of said) for (const secret of secrets) assert.ok(!text.includes(secret), text);
  });

  it("in the files of the embedded store", async () => {
    const files = await readdir(issuer.dataFolder, { recursive: true, withFileTypes: true });
    const contents = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
    );
    assert.ok(
      contents.some((content) => content.includes("venly.protected_request")),
      "the store is in them",
    );
    for (const content of contents) for (const secret of secrets) assert.ok(!content.includes(secret));
  });
});
