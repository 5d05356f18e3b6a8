import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type SandboxIssuer, startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { type LineProgram, startLineProgram } from "@linchpin/test-fixtures/system/line-program";
import { needsProgram } from "@linchpin/test-fixtures/system/system-package";
import { call } from "@linchpin/testing/call";
import { SolarisCardholder } from "@linchpin/testing/solaris";

const python = "/usr/bin/python3";
const leftOut = needsProgram([python, "-c", "import cryptography"], "python3-cryptography");

describe("a reveal opened without a line of ours, by python3-cryptography", { skip: leftOut }, () => {
  let program: LineProgram;
  before(() => {
    program = startLineProgram(python, join(import.meta.dirname, "python/plumery_client.py"));
  });
  after(() => program.stop());
  const client = (...words: unknown[]) => program.ask(words);

  for (const info of ["", "plumery:cards"])
    describe(info === "" ? "no info" : "an agreed info", () => {
      let issuer: SandboxIssuer;
      let holder: SolarisCardholder;

      before(async () => {
        issuer = await startSandboxIssuer({ environment: { LINCHPIN_PLUMERY_HKDF_INFO: info } });
        holder = await SolarisCardholder.create(issuer.url);
        assert.equal((await holder.changePin("0480", await holder.bindDevice())).status, 204);
      });
      after(() => issuer.stop());

      const ask = (path: string, header: string) => {
        const { baseUrl, bearerToken, cardToken } = holder.sandbox.plumery;
        return call("GET", `${baseUrl}/internal/v1/cards/${cardToken}${path}`, {
          bearer: bearerToken,
          headers: { "X-Client-Public-Key": header },
        });
      };

      for (const encoding of ["spki", "raw"]) {
        it(`the PIN, with a key in ${encoding}`, async () => {
          const { scalar, header } = await client("make", encoding);
          const { body } = await ask("/pin", header);
          assert.equal(await client("open", scalar, body.encryptedPayload, info), '{"pin":"0480"}');
        });

        it(`PAN and CVV2, with a key in ${encoding}`, async () => {
          const { scalar, header } = await client("make", encoding);
          const { body } = await ask("", header);
          const opened = await client("open", scalar, body.encryptedPayload, info);
          assert.match(opened, /^\{"pan":"999999\d{10}","cvv2":"\d{3}"\}$/);
        });
      }

      it("not by another key, and not with another info", async () => {
        const [one, another] = [await client("make", "spki"), await client("make", "spki")];
        const payload = (await ask("/pin", one.header)).body.encryptedPayload;
        const refused = { refused: "InvalidTag" };
        assert.deepEqual(await client("open", another.scalar, payload, info), refused);
        assert.deepEqual(await client("open", one.scalar, payload, `${info} `), refused);
      });
    });
});
