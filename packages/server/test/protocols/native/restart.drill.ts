import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { startSandboxIssuer } from "@linchpin/test-fixtures/issuer/sandbox-issuer";
import { call } from "@linchpin/testing/call";
import { NativeCardholder, sealedMessage } from "@linchpin/testing/native";

describe("the native protocol over restarts and rotations", async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), "linchpin-native-"));
  after(() => rm(dataFolder, { recursive: true, force: true }));

  test("a session that was spent stays spent, and one that was made before is taken; the card keeps its name", async () => {
    const first = await startSandboxIssuer({ dataFolder });
    const port = Number(new URL(first.url).port);
    const { native } = first.credentials;
    const holder = await NativeCardholder.create(first.url);
    const key = await holder.bind();
    const wish = await holder.wishOf("pin-change", key);
    const [spent, open] = [await holder.session(wish), await holder.session(wish)];
    const message = await sealedMessage(spent, { pin: "1928" }, key);
    assert.deepEqual((await holder.send(spent, message)).outcome, { result: "changed", version: 1 });
    await first.stop();

    const second = await startSandboxIssuer({ dataFolder, port });
    assert.deepEqual(second.credentials.native, native);
    const again = await holder.send(spent, message);
    assert.equal(again.outcome?.result, "changed");
    assert.equal(again.status, 409);
    assert.equal((await holder.card()).pin.version, 1);
    const late = await holder.seal(open, { pin: "8264" }, key);
    assert.deepEqual(late.outcome, { result: "refused", code: "session_stale" });
    assert.equal((await holder.changePin("8264", key)).outcome?.result, "changed");

    for (const purpose of ["native-signing", "native-hpke"]) {
      const session = await holder.session(await holder.wishOf("pin-verify", key));
      assert.equal((await holder.operator("POST", `/keys/${purpose}/rotate`)).status, 201);
      // A device that has the manifest of its session takes no answer that a later key signed, and asks again.
      if (purpose === "native-hpke")
        assert.deepEqual((await holder.seal(session, { pin: "8264" }, key)).outcome, { result: "match" });
      assert.deepEqual((await holder.verifyPin("8264", key)).outcome, { result: "match" });
    }
    const { keys } = JSON.parse(
      Buffer.from((await call("GET", `${second.url}/issuer-keys`)).body.split(".")[1], "base64url").toString(),
    );
    const listed = keys.filter(({ purpose }: { purpose: string }) => /^native-(hpke|signing)$/.test(purpose));
    assert.deepEqual(
      listed.map(({ purpose, alg, use }: Record<string, string>) => `${purpose} ${alg} ${use}`).toSorted(),
      ["native-hpke HPKE-7 enc", "native-hpke HPKE-7 enc", "native-signing ES256 sig", "native-signing ES256 sig"],
    );
    await second.stop();
  });

  test("is not served, and has no keys, where it is switched off", async () => {
    const issuer = await startSandboxIssuer({ environment: { LINCHPIN_NATIVE: "off" } });
    const { baseUrl } = issuer.credentials.native;
    assert.equal((await call("POST", `${baseUrl}/sessions`, { body: {} })).status, 404);
    const { issuer: api } = issuer.credentials;
    const { body } = await call("GET", `${api.baseUrl}/keys`, { bearer: api.apiKey });
    assert.ok(!body.some(({ purpose }: { purpose: string }) => /^native-(hpke|signing)$/.test(purpose)));
    await issuer.stop();
  });
});
