import { bytesFromOctets, octetsFromBytes, utf8 } from "./bytes.ts";
import { base64urlFromBytes, bytesFromBase64url } from "./encoding.ts";
import { LinchpinError } from "./errors.ts";
import type { Primitives } from "./primitives.ts";

// RFC 7515, compact serialization, ES256 (RFC 7518 §3.4), of a JSON object. The header is {"alg":"ES256","typ","kid"} and
// nothing beside: a reader never lets a message choose how it is read.

/** A compact JWS, taken apart and not yet verified: who verifies it needs to know which key it names. */
export interface Jws {
  readonly kid: string;
  /** ASCII of the first two segments with the dot: what the signature stands over. */
  readonly signingInput: Uint8Array;
  /** `r ‖ s`. */
  readonly signature: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * Takes a compact JWS apart.
 * @param expected `typ` is the header's, exactly; `maxLength` bounds the characters
 * @throws LinchpinError `signature_invalid` with a reason: not of this form
 */
export function parseJws(compact: unknown, expected: { typ: string; maxLength: number }): Jws {
  if (typeof compact !== "string" || compact.length > expected.maxLength) throw malformed();
  const segments = compact.split(".", 4);
  const [header = "", payload = "", signature = ""] = segments;
  const { kid, typ, alg, ...others } = parseJsonObject(decodeSegment(header));
  const isOfForm = segments.length === 3 && alg === "ES256" && typ === expected.typ && Object.keys(others).length === 0;
  if (!isOfForm || typeof kid !== "string" || kid === "") throw malformed();
  return {
    kid,
    signingInput: bytesFromOctets(`${header}.${payload}`),
    signature: decodeSegment(signature),
    payload: decodeSegment(payload),
  };
}

/**
 * The payload, once the signature verifies with this key.
 * @throws LinchpinError `signature_invalid`: it does not, or what is signed is no JSON object in UTF-8
 */
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
  const segments = [{ alg: "ES256", typ, kid }, payload].map((part) => base64urlFromBytes(utf8(JSON.stringify(part))));
  const signingInput = segments.join(".");
  return `${signingInput}.${base64urlFromBytes(await sign(bytesFromOctets(signingInput)))}`;
}

function decodeSegment(text: string): Uint8Array {
  try {
    return bytesFromBase64url(text);
  } catch {
    throw malformed();
  }
}

/** Of JSON's duplicate members the last one counts: whoever signs is trusted to write each once. */
function parseJsonObject(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(decodeURIComponent(escape(octetsFromBytes(bytes))));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // as any other
  }
  throw malformed();
}

function malformed(): LinchpinError {
  return new LinchpinError("signature_invalid", { reason: "not a compact JWS of this type" });
}
