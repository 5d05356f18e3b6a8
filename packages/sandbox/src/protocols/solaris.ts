import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { bytesFromHex, openJwe, parseJwe, signatureFromDer, utf8 } from "@linchpin/core";
import { sealedPinKeyPurpose, sealedPinProfile } from "@linchpin/protocols/sealed-pin/issuer";
import type { SolarisSandbox } from "@linchpin/protocols/solaris/issuer";
import { fixedHex, sandboxProgramId } from "../fixed-identifiers.ts";
import { explainBy } from "../mistakes/mistake.ts";
import { mistakes } from "../mistakes/mistake-table.ts";
import type { EcdsaEvidence } from "../mistakes/signature.ts";
import { jweEnvelope } from "../relay/compact-jwe.ts";
import type { ProvingKeys } from "../relay/relayed-binding.ts";
import { parsed, type RelayedMessage, withMember, withPath } from "../relay/relayed-change.ts";
import { findSignedCode } from "../relay/signed-code.ts";
import type { ExplainContext, SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const [clientId, clientSecret] = ["sandbox-solaris", "sandbox-solaris-secret"];
/** Solaris publishes for its sandbox: every OTP and TAN to this number is this one. */
const fixedOtp = { mobileNumber: "+15550101", otp: "212212" } as const;

const challengePath = /\/mfa\/challenges\/signatures\/[^/]+$/;
const changePath = /\/cards\/([^/]+)\/pin_update_requests$/;

export const solaris = {
  name: "solaris",
  clientId,
  secret: clientSecret,
  roles: [],
  fixedCardName: `${fixedHex("solaris card")}mcrd`,
  describe: (baseUrl: string, { personId, mobileNumber, names }: SandboxCard) => ({
    baseUrl,
    clientId,
    clientSecret,
    personId,
    cardAccountId: names["solaris"] ?? "",
    mobileNumber,
  }),
  sealedMessages: [{ path: /pin_update_requests$/, purpose: sealedPinKeyPurpose }],
  change: {
    cardOf: ({ url }) => changePath.exec(url)?.[1] ?? null,
    moveTo: (message, card) => withPath(message, changePath, `/cards/${card}/pin_update_requests`),
    success: { status: 204, body: null },
    envelope: jweEnvelope("OAEP-SHA256"),
  },
  binding: { bindInstead, proveInstead },
  fixedOtp,
  open: () => ({
    forIssuer: { staticTan: fixedOtp.otp, orderedCardsProgramId: sandboxProgramId } satisfies SolarisSandbox,
  }),
  explain: async (context, { code, field }, { path, members }) => {
    if (!path.startsWith("/solaris")) return null;
    const { encrypted_pin, key_id, device_id, signature, key } = members;
    if (code === "public_key_unusable" && field === "key" && key !== undefined)
      return explainBy(mistakes.publicKey, { text: key, encoding: "hex" });
    if (signature !== undefined && (code === "signature_invalid" || code === "request_invalid")) {
      const evidence = { name: "signature", text: signature, encoding: "hex", lengthBytes: null } as const;
      const explanation = explainBy(mistakes.encoding, evidence);
      if (explanation !== null) return explanation;
    }
    return code === "signature_invalid" &&
      encrypted_pin !== undefined &&
      device_id !== undefined &&
      signature !== undefined
      ? explainSignature(context, { encrypted_pin, key_id, device_id, signature })
      : null;
  },
} as const satisfies SandboxProtocol;

/** `POST /v1/mfa/devices`: the key stands there as the hex of its point. */
function bindInstead(message: RelayedMessage, own: KeyObject) {
  const { person_id: personId, key } = parsed(message.body);
  if (!message.url.endsWith("/mfa/devices") || typeof key !== "string") return null;
  const [, x = "", y = ""] = /^04([\da-f]{64})([\da-f]{64})$/i.exec(key) ?? [];
  const base64url = (hex: string) => Buffer.from(hex, "hex").toString("base64url");
  const jwk = { kty: "EC", crv: "P-256", x: base64url(x), y: base64url(y) };
  const point = own.export({ format: "der", type: "spki" }).subarray(-65);
  return {
    message: withMember(message, "key", point.toString("hex")),
    proof: { personId: String(personId), phones: createPublicKey({ key: jwk, format: "jwk" }) },
  };
}

/** `PUT /v1/mfa/challenges/signatures/{id}`: the signature alone comes, over the six digits. */
function proveInstead(message: RelayedMessage, { own, phones, firstTry }: ProvingKeys): RelayedMessage | null {
  const { signature } = parsed(message.body);
  if (!challengePath.test(message.url) || typeof signature !== "string") return null;
  const code = findSignedCode(Buffer.from(signature, "hex"), phones, firstTry);
  return code === null
    ? null
    : withMember(message, "signature", sign("sha256", Buffer.from(code), own).toString("hex"));
}

/** Tries the keys, texts and forms that integrators take by mistake. */
async function explainSignature(
  context: ExplainContext,
  request: { encrypted_pin: string; key_id: string | undefined; device_id: string; signature: string },
): Promise<string | null> {
  const device = await context.store.findDevice(request.device_id);
  const texts = await signedTexts(context, request);
  try {
    for (const { data, text } of texts)
      for (const { bytes, form } of signatureForms(bytesFromHex(request.signature)))
        for (const { publicPoint, purpose: keyPurpose } of device?.keys ?? [])
          if (await context.primitives.verifyEcdsa(publicPoint, data, bytes))
            return explainBy(mistakes.ecdsa, { form, keyPurpose, text });
    return null;
  } finally {
    for (const { data } of texts) data.fill(0);
  }
}

/** What integrators sign: the JWE, its hash (so that it is hashed twice), and the clear JSON, as the vendor's Swift sample does. The caller wipes it. */
async function signedTexts(
  context: ExplainContext,
  { encrypted_pin: encryptedPin, key_id: keyId }: { encrypted_pin: string; key_id: string | undefined },
): Promise<{ data: Uint8Array; text: EcdsaEvidence["text"] }[]> {
  const jweText = utf8(encryptedPin);
  const jwe = parseJwe(sealedPinProfile, encryptedPin);
  const contentKey = await context.keyring.unwrap(
    sealedPinKeyPurpose,
    jwe.kid ?? keyId ?? "",
    jwe.wrappedKey,
    sealedPinProfile.contentKeyBytes,
  );
  const clear = await openJwe(context.primitives, sealedPinProfile, jwe, contentKey).catch(() => null);
  contentKey.fill(0);
  return [
    { data: jweText, text: "the compact JWE" as const },
    { data: await context.primitives.sha256(jweText), text: "the SHA-256 of the compact JWE (hashed twice)" as const },
    ...(clear === null ? [] : [{ data: clear, text: "the clear JSON" as const }]),
  ];
}

function signatureForms(signature: Uint8Array): { bytes: Uint8Array; form: EcdsaEvidence["form"] }[] {
  if (signature.length === 64) return [{ bytes: signature, form: "r‖s form" }];
  try {
    return [{ bytes: signatureFromDer(signature), form: "ASN.1 DER" }];
  } catch {
    return [];
  }
}
