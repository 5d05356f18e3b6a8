import { createDecipheriv, createSecretKey } from "node:crypto";
import type { LinchpinError } from "@linchpin/core";
import { decipherLeavingNothing } from "@linchpin/core/node";
import { readAndWipe, readJsonObject, readSignedMethod } from "@linchpin/protocols/venly/issuer";
import { findNumbers } from "./mistakes/find-shape.ts";
import { explainBy } from "./mistakes/mistake.ts";
import { mistakes } from "./mistakes/mistake-table.ts";
import { withUnwrapped } from "./mistakes/unwrap.ts";
import type { ExplainContext, RefusedRequest } from "./sandbox-protocol.ts";

/** An envelope's parts, as text. */
interface Envelope {
  readonly encryption: {
    readonly key: { readonly encryptedValue: string; readonly encryptionKeyId: string };
    readonly iv: string;
  };
  readonly value: string;
}

/** Why Venly's half refused: an envelope in the body or the header that does not open, or the hash of another body. */
export async function explainVenly(
  context: ExplainContext,
  { code }: LinchpinError,
  { headers }: RefusedRequest,
  body: Uint8Array,
): Promise<string | null> {
  const header = headers["encrypted-signing-method"]?.toString();
  const inHeader = header === undefined ? null : Buffer.from(header, "base64");
  if (code === "body_mismatch" && inHeader !== null) return explainBodyHash(context, inHeader, body);
  if (code !== "decryption_failed") return null;
  const inBody = await explainEnvelope(context, body);
  if (inBody !== null || header === undefined || inHeader === null) return inBody;
  const evidence = { name: "Encrypted-Signing-Method", text: header, encoding: "base64", lengthBytes: null } as const;
  return explainBy(mistakes.encoding, evidence) ?? explainEnvelope(context, inHeader);
}

async function explainEnvelope(context: ExplainContext, json: Uint8Array): Promise<string | null> {
  const envelope = parseEnvelope(json);
  if (envelope === null) return null;
  const { key, iv } = envelope.encryption;
  const texts = [
    ["encryption.key.encryptedValue", key.encryptedValue, 256],
    ["encryption.iv", iv, 12],
    ["value", envelope.value, null],
  ] as const;
  for (const [name, text, lengthBytes] of texts) {
    const explanation = explainBy(mistakes.encoding, { name, text, encoding: "base64", lengthBytes });
    if (explanation !== null) return explanation;
  }
  const wrapped = Buffer.from(key.encryptedValue, "base64");
  const expected = {
    purpose: "venly",
    scheme: "OAEP-SHA256",
    contentKeyBytes: 32,
    keyId: key.encryptionKeyId,
  } as const;
  return withUnwrapped(context, wrapped, (found) => {
    const explanation = explainBy(mistakes.rsaWrap, { wrapped, found, expected });
    if (explanation !== null || found === null) return explanation;
    const clear = openEnvelope(envelope, found.content);
    const said =
      clear === null
        ? explainBy(mistakes.contentCipher, { ...cipherEvidence(envelope), contentKey: found.content })
        : explainBy(mistakes.shape, findNumbers(clear, ["value"]));
    clear?.fill(0);
    return said;
  });
}

const nothing = new Uint8Array(0);

function cipherEvidence({ encryption, value }: Envelope) {
  const [iv, ciphertext] = [Buffer.from(encryption.iv, "base64"), Buffer.from(value, "base64")];
  return { cipher: "AES-256-GCM", iv, ciphertext, tag: nothing, aad: nothing } as const;
}

async function explainBodyHash(context: ExplainContext, header: Uint8Array, body: Uint8Array): Promise<string | null> {
  const method = await openAnyhow(context, header);
  const claimed = method === null ? null : claimedHash(method);
  method?.fill(0);
  if (claimed === null) return null;
  const clear = await openAnyhow(context, body);
  const explanation = explainBy(mistakes.bodyHash, { claimed, body, clear });
  clear?.fill(0);
  return explanation;
}

/** What an envelope holds; null where the bytes are none. The caller wipes it. */
async function openAnyhow(context: ExplainContext, json: Uint8Array): Promise<Uint8Array | null> {
  const envelope = parseEnvelope(json);
  if (envelope === null) return null;
  return withUnwrapped(context, Buffer.from(envelope.encryption.key.encryptedValue, "base64"), (found) =>
    found === null ? null : openEnvelope(envelope, found.content),
  );
}

function openEnvelope(envelope: Envelope, contentKey: Uint8Array): Uint8Array | null {
  const { iv, ciphertext } = cipherEvidence(envelope);
  if (iv.length !== 12) return null;
  try {
    const decipher = createDecipheriv("aes-256-gcm", createSecretKey(contentKey), iv, { authTagLength: 16 });
    return decipherLeavingNothing(decipher.setAuthTag(ciphertext.subarray(-16)), ciphertext.subarray(0, -16));
  } catch {
    return null;
  }
}

/** `signature.value` of a signing method. */
function claimedHash(method: Uint8Array): Uint8Array | null {
  const { value, bodySha256 } = readAndWipe(readJsonObject(method), readSignedMethod);
  value.fill(0);
  return bodySha256;
}

/** A body that is no envelope is not parsed: it may hold a PIN in clear. */
function parseEnvelope(json: Uint8Array): Envelope | null {
  if (!Buffer.from(json.buffer, json.byteOffset, json.length).includes('"encryption"')) return null;
  const { encryption, value } = JSON.parse(Buffer.from(json).toString("utf8")) as Partial<Envelope>;
  const texts = [encryption?.key?.encryptedValue, encryption?.key?.encryptionKeyId, encryption?.iv, value];
  return texts.every((text) => typeof text === "string") ? ({ encryption, value } as Envelope) : null;
}
