import { createPublicKey, type KeyObject } from "node:crypto";
import type { Handle } from "pkcs11js";
import type { Token } from "./token.ts";

export async function readRsaPublicKey(token: Token, object: Handle): Promise<KeyObject> {
  const { CKA_MODULUS, CKA_PUBLIC_EXPONENT } = token.binding;
  const [n = "", e = ""] = await readBase64Url(token, object, [CKA_MODULUS, CKA_PUBLIC_EXPONENT]);
  return createPublicKey({ key: { kty: "RSA", n, e }, format: "jwk" });
}

/** A P-256 key. CKA_EC_POINT is `04 ‖ x ‖ y`, in an OCTET STRING as PKCS#11 demands, or, in some modules, without. */
export async function readEcPublicKey(token: Token, object: Handle): Promise<KeyObject> {
  const [point = Buffer.alloc(0)] = await token.readAttributes(object, [token.binding.CKA_EC_POINT]);
  const x = point.subarray(-64, -32).toString("base64url");
  const y = point.subarray(-32).toString("base64url");
  return createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
}

async function readBase64Url(token: Token, object: Handle, types: readonly number[]): Promise<string[]> {
  return (await token.readAttributes(object, types)).map((value) => value.toString("base64url"));
}
