import { bytesFromHex, openJwe, parseJwe, signatureFromDer, utf8 } from "@linchpin/core";
import { sealedPinProfile } from "@linchpin/protocols/sealed-pin/issuer";
import type { SolarisSandbox } from "@linchpin/protocols/solaris/issuer";
import type { DeviceKey } from "@linchpin/store";
import { fixedHex, sandboxProgramId } from "../fixed-identifiers.ts";
import type { ExplainContext, SandboxCard, SandboxProtocol } from "../sandbox-protocol.ts";

const [clientId, clientSecret] = ["sandbox-solaris", "sandbox-solaris-secret"];
/** Solaris publishes for its sandbox: every OTP and TAN to this number is this one. */
const fixedOtp = { mobileNumber: "+15550101", otp: "212212" } as const;

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
  sealedMessages: [{ path: /pin_update_requests$/, purpose: "solaris-pin" }],
  fixedOtp,
  open: () => ({
    forIssuer: { staticTan: fixedOtp.otp, orderedCardsProgramId: sandboxProgramId } satisfies SolarisSandbox,
  }),
  explain: async (context, { code }, { encrypted_pin, key_id, device_id, signature }) =>
    code === "signature_invalid" && encrypted_pin !== undefined && device_id !== undefined && signature !== undefined
      ? explainSignature(context, { encrypted_pin, key_id, device_id, signature })
      : null,
} as const satisfies SandboxProtocol;

/** Tries the keys, texts and forms that integrators take by mistake. */
async function explainSignature(
  context: ExplainContext,
  request: { encrypted_pin: string; key_id: string | undefined; device_id: string; signature: string },
): Promise<string | null> {
  const device = await context.store.findDevice(request.device_id);
  const texts = await signedTexts(context, request);
  try {
    for (const { data, what } of texts)
      for (const { bytes, form } of signatureForms(bytesFromHex(request.signature)))
        for (const key of device?.keys ?? [])
          if (await context.primitives.verifyEcdsa(key.publicPoint, data, bytes)) return sentence(key, form, what);
    return null;
  } finally {
    for (const { data } of texts) data.fill(0);
  }
}

function sentence(key: DeviceKey, form: string, what: string): string {
  return `the signature is in ${form}, made by the ${key.purpose} key over ${what}; it must be ASN.1 DER, by the restricted key, over the compact JWE`;
}

/** What integrators sign: the JWE, its hash (so that it is hashed twice), and the clear JSON, as the vendor's Swift sample does. The caller wipes it. */
async function signedTexts(
  context: ExplainContext,
  { encrypted_pin: encryptedPin, key_id: keyId }: { encrypted_pin: string; key_id: string | undefined },
): Promise<{ data: Uint8Array; what: string }[]> {
  const jweText = utf8(encryptedPin);
  const jwe = parseJwe(sealedPinProfile, encryptedPin);
  const contentKey = await context.keyring.unwrap(
    "solaris-pin",
    jwe.kid ?? keyId ?? "",
    jwe.wrappedKey,
    sealedPinProfile.contentKeyBytes,
  );
  const clear = await openJwe(context.primitives, sealedPinProfile, jwe, contentKey).catch(() => null);
  contentKey.fill(0);
  return [
    { data: jweText, what: "the compact JWE" },
    { data: await context.primitives.sha256(jweText), what: "the SHA-256 of the compact JWE (hashed twice)" },
    ...(clear === null ? [] : [{ data: clear, what: "the clear JSON" }]),
  ];
}

function signatureForms(signature: Uint8Array): { bytes: Uint8Array; form: string }[] {
  if (signature.length === 64) return [{ bytes: signature, form: "r‖s form" }];
  try {
    return [{ bytes: signatureFromDer(signature), form: "ASN.1 DER" }];
  } catch {
    return [];
  }
}
