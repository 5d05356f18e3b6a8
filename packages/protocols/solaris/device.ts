import {
  derFromSignature,
  hexFromBytes,
  type JwePrimitives,
  LinchpinError,
  type Pin,
  type SigningKey,
  utf8,
} from "@linchpin/core";
import type { Unauthenticated } from "../issuer-keys/device.ts";
import { makeSealedPinRequest, sealedPinKey } from "../sealed-pin/device.ts";
import { type AuthorizedOperation, checkStringToSign } from "./string-to-sign.ts";
import type { AddDeviceKeyRequest, BindDeviceRequest, PinUpdateRequest, SignatureAnswer } from "./wire.ts";

export { type Authorization, type AuthorizedOperation, readStringToSign } from "./string-to-sign.ts";

/** The body of `POST …/sca_pin_update_requests`. */
export { makeSealedPinRequest as makeScaPinUpdateRequest, sealedPinKey };

/**
 * The body of `POST …/pin_update_requests`: the PIN sealed to the issuer's key, and the JWE signed by the
 * device's restricted key. Sealing again gives another JWE: each is good for one change.
 */
export async function makePinUpdateRequest(
  primitives: JwePrimitives,
  change: { pin: Pin; issuerKey: IssuerKey; deviceId: string; restrictedKey: SigningKey; deviceData?: string },
): Promise<PinUpdateRequest> {
  const sealed = await makeSealedPinRequest(primitives, change);
  return {
    ...sealed,
    device_id: change.deviceId,
    signature: await signText(change.restrictedKey, sealed.encrypted_pin),
    ...(change.deviceData === undefined ? {} : { device_data: change.deviceData }),
  };
}

/** A key of the issuer's that was accepted: what sealing asks for. */
export interface IssuerKey {
  readonly kid: string;
  readonly key: { readonly n: string; readonly e: string };
}

/**
 * Checks an issuer's key as it reaches the device through the relay. Every key comes in here.
 * The JWK says `alg: "RS256"` and is used to encrypt: it is taken for RSA-OAEP-256 whatever its `alg` says. Whose key it
 * is shows nothing here: that it is the issuer's is said by a manifest alone (`sealedPinKey` in ../issuer-keys).
 * @throws LinchpinError `public_key_unusable` when it is no RSA public key for encryption with a kid. Whether it is strong
 * enough shows when something is sealed to it.
 */
export function acceptIssuerKey(jwk: unknown): Unauthenticated<IssuerKey> {
  const { kid, kty, use, n, e, d } = Object(jwk) as Record<string, unknown>;
  const isForEncryption = kty === "RSA" && use === "enc" && d === undefined;
  if (!isForEncryption || typeof n !== "string" || typeof e !== "string" || typeof kid !== "string" || kid === "")
    throw new LinchpinError("public_key_unusable", {
      reason: "not an RSA JWK for encryption",
    });
  return { kid, key: { n, e } };
}

/** The body of `POST /v1/mfa/devices`. The OTP that reaches the person is then answered by `signCode`. */
export function makeBindDeviceRequest(
  device: { personId: string; key: SigningKey } & Pick<
    BindDeviceRequest,
    "key_purpose" | "challenge_type" | "name" | "language" | "device_data"
  >,
): BindDeviceRequest {
  const { personId, key, ...optional } = device;
  return { person_id: personId, key_type: "ecdsa-p256", key: hexFromBytes(key.publicPoint), ...optional };
}

/** The body of `POST /v1/mfa/devices/{id}/keys`: the new key, signed by one that the device has already. */
export async function makeAddDeviceKeyRequest(device: {
  newKey: SigningKey;
  newKeyPurpose: "restricted" | "unrestricted";
  knownKey: SigningKey;
  knownKeyPurpose: "restricted" | "unrestricted";
}): Promise<AddDeviceKeyRequest> {
  const key = hexFromBytes(device.newKey.publicPoint);
  return {
    key,
    key_type: "ecdsa-p256",
    key_purpose: device.newKeyPurpose,
    device_signature: {
      signature_key_purpose: device.knownKeyPurpose,
      signature: await signText(device.knownKey, key),
    },
  };
}

/**
 * Signs a code that reached the person: an OTP or an activation code. A relay that presents another text as a code, such
 * as a sealed PIN, a string to sign or a key, gets no signature.
 * @throws LinchpinError `tan_invalid`: the code is not six ASCII digits
 */
export async function signCode(key: SigningKey, code: string): Promise<SignatureAnswer> {
  if (!/^\d{6}$/.test(code)) throw new LinchpinError("tan_invalid");
  return { signature: await signText(key, code) };
}

/**
 * Signs a `string_to_sign` of the issuer, if it authorizes what the person agreed to. Show them before what
 * `readStringToSign` finds in it.
 * @throws LinchpinError `request_invalid`: the string does not have the issuer's form, or authorizes another operation
 */
export async function signAuthorization(
  key: SigningKey,
  stringToSign: string,
  expected: AuthorizedOperation,
): Promise<SignatureAnswer> {
  checkStringToSign(stringToSign, expected);
  return { signature: await signText(key, stringToSign) };
}

/** ECDSA P-256 over SHA-256 of the text's bytes, hashed once: hex of ASN.1 DER. */
async function signText(key: SigningKey, text: string): Promise<string> {
  return hexFromBytes(derFromSignature(await key.sign(utf8(text))));
}
