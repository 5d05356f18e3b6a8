import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { call } from "@linchpin/testing/call";

const python = "/usr/bin/python3";
const leftOut =
  needsProgram([python, "-c", "import cryptography"], "python3-cryptography") ||
  needsProgram([python, "-c", "import jwcrypto"], "python3-jwcrypto");

type Sent = readonly [what: string, status: number, error: string | null];

describe("a backend in Python that serializes nulls, adds query parameters and calls every body JSON", {
  skip: leftOut,
}, () => {
  let issuer: SandboxIssuer;
  before(async () => {
    issuer = await startSandboxIssuer();
  });
  after(() => issuer.stop());

  async function integrate(protocol: string, ...how: string[]): Promise<Sent[]> {
    const { body: card } = await call("POST", `${issuer.url}/sandbox/cards`, { body: { pin: "4715" } });
    const script = join(import.meta.dirname, "python/tired_integrator.py");
    const { stdout } = await promisify(execFile)(python, [script, protocol, JSON.stringify(card), ...how]);
    return JSON.parse(stdout);
  }

  const served: Record<string, readonly string[]> = {
    solaris: ["POST token", "GET latest", "POST sca_pin_update_requests", "POST authorize", "POST confirm"],
    adyen: ["GET publicKey", "POST change"],
    venly: ["POST token", "GET security", "POST users", "POST execute"],
    plumery: ["GET pin"],
  };
  for (const [protocol, requests] of Object.entries(served))
    it(`is served by ${protocol}`, async () => {
      const sent = await integrate(protocol);
      for (const [what, status, error] of sent) assert.ok(status < 300, `${what}: ${status} ${error}`);
      assert.deepEqual(
        sent.map(([what]) => what),
        requests,
      );
    });

  const named: Record<string, RegExp> = {
    solaris: /encrypted_pin/,
    adyen: /encryptedKey/,
    venly: /encryption\.key\.encryptedValue has line breaks/,
    plumery: /the public key is in several lines, or with spaces between/,
  };
  for (const [protocol, says] of Object.entries(named))
    it(`is told by ${protocol} which member has base64 in lines`, async () => {
      const [what, status, error] = (await integrate(protocol, "wrapped")).at(-1) ?? assert.fail();
      assert.ok(status >= 400 && status < 500, `${what}: ${status}`);
      assert.match(String(error), says);
    });
});
