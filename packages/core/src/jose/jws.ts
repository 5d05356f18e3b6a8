import { base64urlFromBytes, bytesFromBase64url, bytesFromOctets, textFromUtf8, utf8 } from "#encoding";
import { LinchpinError } from "../errors/errors.ts";
import type { Primitives } from "../primitives.ts";

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
  try {
    const text = compact as string;
    const segments = text.length > expected.maxLength ? [] : text.split(".", 4);
    const [header, payload, signature, ...more] = segments as [string, string, string];
    const { kid, typ, alg, ...others } = parseJson(bytesFromBase64url(header)) as Record<string, unknown>;
    const isAlone = [...more, ...Object.keys(others)].length === 0;
    if (alg === "ES256" && typ === expected.typ && typeof kid === "string" && kid && isAlone)
      return {
        kid,
        signingInput: bytesFromOctets(`${header}.${payload}`),
        signature: bytesFromBase64url(signature),
        payload: bytesFromBase64url(payload),
      };
  } catch {
    // as any other
  }
  throw invalid();
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
  const isSigned = await primitives.verifyEcdsa(publicPoint, signingInput, signature);
  const claims = isSigned && parseJson(payload);
  if (claims instanceof Object && !Array.isArray(claims)) return claims as Record<string, unknown>;
  throw invalid();
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

/**
 * Undefined for what is no JSON in UTF-8: a SyntaxError would quote it. Of duplicate members the last one counts: whoever
 * signs is trusted to write each once.
 */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textFromUtf8(bytes));
  } catch {
    return undefined;
  }
}

function invalid(): LinchpinError {
  return new LinchpinError("signature_invalid", { reason: "no JWS of this type by this key" });
}
