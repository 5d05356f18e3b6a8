/** The vault that the tests of the issuer run on: `LINCHPIN_VAULT=pkcs11:… npm test -- 'packages/server/test/**'`. */
export function vaultUnderTest(): Record<string, string> {
  const vault = process.env["LINCHPIN_VAULT"];
  return vault === undefined ? {} : { LINCHPIN_VAULT: vault };
}

/** In a token nobody sees how a key was wrapped, so that the sandbox can not say so either. */
export const isVaultOpenToSandbox = vaultUnderTest()["LINCHPIN_VAULT"] === undefined;
