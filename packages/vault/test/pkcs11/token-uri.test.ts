import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseTokenUri } from "../../src/pkcs11/token-uri.ts";

const query = "module-path=/usr/lib/module.so&pin-source=file:/etc/linchpin/pin";

describe("parseTokenUri", () => {
  it("reads a token, its module and where its PIN is", () => {
    assert.deepEqual(parseTokenUri(`pkcs11:token=linchpin?${query}`), {
      modulePath: "/usr/lib/module.so",
      libraryParameters: null,
      pinFile: "/etc/linchpin/pin",
      token: { token: "linchpin" },
      slotId: null,
    });
  });

  it("reads every attribute that tells tokens apart", () => {
    const uri = `pkcs11:token=a;manufacturer=b;model=c;serial=d;slot-id=1859186903?${query}`;
    const { token, slotId } = parseTokenUri(uri);
    assert.deepEqual(token, { token: "a", manufacturer: "b", model: "c", serial: "d" });
    assert.equal(slotId, 1859186903);
  });

  it("decodes what is percent-encoded, once", () => {
    const uri = `pkcs11:token=The%20Token%20%3B%20%C3%A9%2520?${query}&x-library-parameters=configdir%3D'sql:/a%26b'`;
    assert.equal(parseTokenUri(uri).token.token, "The Token ; é%20");
    assert.equal(parseTokenUri(uri).libraryParameters, "configdir='sql:/a&b'");
  });

  it("takes every character that RFC 7512 leaves bare", () => {
    const uri = "pkcs11:token=a-._~:[]@!$'()*+,=&b?module-path=/a?|b.so&pin-source=file:/pin";
    assert.equal(parseTokenUri(uri).token.token, "a-._~:[]@!$'()*+,=&b");
    assert.equal(parseTokenUri(uri).modulePath, "/a?|b.so");
  });

  for (const source of ["file:/etc/pin", "file:///etc/pin", "file%3A%2Fetc%2Fpin", "file:/etc/%2570in"])
    it(`finds the PIN's file: ${source}`, () => {
      assert.equal(parseTokenUri(`pkcs11:?module-path=/m&pin-source=${source}`).pinFile, "/etc/pin");
    });

  it("takes a URI that leaves the choice to a module with one token", () => {
    assert.deepEqual(parseTokenUri(`pkcs11:?${query}`).token, {});
  });

  const refused: Record<string, string> = {
    "no pkcs11 URI": `softhsm:token=a?${query}`,
    "an upper-case scheme": `PKCS11:token=a?${query}`,
    "no query": "pkcs11:token=a",
    "no module": "pkcs11:token=a?pin-source=file:/pin",
    "a module without its folder": "pkcs11:token=a?module-path=libsofthsm2.so&pin-source=file:/pin",
    "a module by name": "pkcs11:token=a?module-name=softhsm2&pin-source=file:/pin",
    "no PIN": "pkcs11:token=a?module-path=/m",
    "a PIN from a command": "pkcs11:token=a?module-path=/m&pin-source=|/bin/pin",
    "a PIN from the network": "pkcs11:token=a?module-path=/m&pin-source=https://example.com/pin",
    "a PIN file on another machine": "pkcs11:token=a?module-path=/m&pin-source=file://example.com/pin",
    "a PIN file without its folder": "pkcs11:token=a?module-path=/m&pin-source=file:pin",
    "a PIN file with an encoded slash": "pkcs11:token=a?module-path=/m&pin-source=file:/etc%252Fpin",
    "an attribute of a key": `pkcs11:token=a;object=b?${query}`,
    "an attribute of the library": `pkcs11:token=a;library-version=3?${query}`,
    "a query attribute in the path": `pkcs11:token=a;module-path=/m?${query}`,
    "a path attribute in the query": `pkcs11:?token=a&${query}`,
    "a vendor's attribute that is not known": `pkcs11:token=a?${query}&x-slots=1`,
    "an attribute of every object": `pkcs11:constructor=a?${query}`,
    "an attribute without a value's sign": `pkcs11:token?${query}`,
    "a path attribute twice": `pkcs11:token=a;token=b?${query}`,
    "a query attribute twice": `pkcs11:token=a?${query}&module-path=/other`,
    "an empty attribute": `pkcs11:token=a;?${query}`,
    "a bare space": `pkcs11:token=a b?${query}`,
    "a bare slash in the path": `pkcs11:token=a/b?${query}`,
    "a half percent-encoding": `pkcs11:token=a%2?${query}`,
    "bytes that are no UTF-8": `pkcs11:token=%ff?${query}`,
    "a slot-id that is not decimal": `pkcs11:slot-id=0x1?${query}`,
    "a line feed": `pkcs11:token=a\n?${query}`,
  };
  for (const [what, uri] of Object.entries(refused))
    it(`refuses ${what}`, () => {
      assert.throws(() => parseTokenUri(uri), { code: "settings_invalid", reason: /^LINCHPIN_VAULT / });
    });

  it("refuses one that holds the PIN, and does not repeat it", () => {
    for (const pin of ["pin-value=4711", "pin-source=file:/pin&pin-value=4711"])
      assert.throws(
        () => parseTokenUri(`pkcs11:token=a?module-path=/m&${pin}`),
        (error: Error & { reason: string }) =>
          error.reason.includes("pin-source") && !JSON.stringify(error).includes("4711"),
      );
  });
});
