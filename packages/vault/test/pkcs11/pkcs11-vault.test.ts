import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import {
  makeNssToken,
  makeSoftHsmToken,
  needsNss,
  needsSoftHsm,
  type TestToken,
} from "@linchpin/test-fixtures/tokens/pkcs11-tokens";
import { Pkcs11Vault } from "../../src/pkcs11/pkcs11-vault.ts";
import { parseTokenUri } from "../../src/pkcs11/token-uri.ts";

describe("a PKCS#11 vault does not open", { skip: needsSoftHsm() }, () => {
  let token: TestToken;
  before(async () => {
    token = await makeSoftHsmToken();
  });
  after(() => token.remove());
  const refuses = (uri: string, error: object) => assert.rejects(Pkcs11Vault.open(parseTokenUri(uri)), error);

  it("where no token matches", async () => {
    const noToken = { code: "unavailable", reason: /no token/ };
    await refuses(token.uri.replace("linchpin%20test", "another"), noToken);
    await refuses(token.uri.replace("?", ";serial=0000?"), noToken);
    await refuses(token.uri.replace("?", ";slot-id=1?"), noToken);
  });

  it("where several tokens match", async () => {
    const second = spawnSync("softhsm2-util", [
      ...["--init-token", "--free", "--label", "second", "--pin", token.pin, "--so-pin", "87654321"],
    ]);
    assert.equal(second.status, 0);
    for (const fittingBoth of ["", "model=SoftHSM%20v2"]) {
      const uri = token.uri.replace("token=linchpin%20test", fittingBoth);
      await refuses(uri, { code: "settings_invalid", reason: /several tokens/ });
    }
  });

  it("with a module that does not exist, or with a file that is no module", async () => {
    const textFile = join(token.folder, "module.so");
    await writeFile(textFile, "no library");
    for (const path of [textFile, join(token.folder, "missing.so"), process.execPath])
      await refuses(token.uri.replace(token.modulePath, path), { code: "settings_invalid", reason: /module-path/ });
  });

  it("with a token that asks for no PIN", async (t) => {
    const lackingNss = needsNss();
    if (lackingNss !== false) return t.skip(lackingNss);
    const open = await makeNssToken("");
    await refuses(open.uri, { code: "settings_invalid", reason: /asks for no PIN/ });
    await open.remove();
  });
});
