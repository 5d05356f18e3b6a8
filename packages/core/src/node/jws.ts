import { Buffer, isUtf8 } from "node:buffer";
import { LinchpinError } from "../errors.ts";
import type { Jws } from "../jws.ts";
import type { Primitives } from "../primitives.ts";

// core's `jws.ts` with Node's Buffer in place of code for every platform, which takes several times as long. The issuer
// makes and reads a JWS with each native request. One suite of tests holds both; see there for what is refused and why.

/** @throws LinchpinError `signature_invalid` with a reason: not of this form */
export function parseJws(compact: unknown, expected: { typ: string; maxLength: number }): Jws {
  if (typeof compact !== "string" || compact.length > expected.maxLength) throw malformed();
  const segments = compact.split(".", 4);
  const [header = "", payload = "", signature = ""] = segments;
  const { kid, typ, alg, ...others } = parseJsonObject(decodeSegment(header));
  const isOfForm = segments.length === 3 && alg === "ES256" && typ === expected.typ && Object.keys(others).length === 0;
  if (!isOfForm || typeof kid !== "string" || kid === "") throw malformed();
  return {
    kid,
    signingInput: new TextEncoder().encode(`${header}.${payload}`),
    signature: decodeSegment(signature),
    payload: decodeSegment(payload),
  };
}

/** @throws LinchpinError `signature_invalid`: another key's, or what is signed is no JSON object in UTF-8 */
export async function verifyJws(
  primitives: Pick<Primitives, "verifyEcdsa">,
  { signingInput, signature, payload }: Jws,
  publicPoint: Uint8Array,
): Promise<Readonly<Record<string, unknown>>> {
  if (!(await primitives.verifyEcdsa(publicPoint, signingInput, signature)))
    throw new LinchpinError("signature_invalid");
  return parseJsonObject(payload);
}

/** `sign` is ECDSA P-256 over SHA-256: `r ‖ s`, 64 bytes. */
export async function signJws(
  { typ, kid, payload }: { typ: string; kid: string; payload: object },
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  const segments = [{ alg: "ES256", typ, kid }, payload].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const signingInput = segments.join(".");
  const signature = await sign(Buffer.from(signingInput, "latin1"));
  return `${signingInput}.${Buffer.from(signature).toString("base64url")}`;
}

/** Canonical base64url alone: Buffer itself skips what it does not know. */
function decodeSegment(text: string): Buffer {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) throw malformed();
  return bytes;
}

function parseJsonObject(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = isUtf8(bytes)
      ? JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
      : null;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // as any other
  }
  throw malformed();
}

function malformed(): LinchpinError {
  return new LinchpinError("signature_invalid", { reason: "not a compact JWS of this type" });
}
