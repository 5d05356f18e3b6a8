export {
  base64FromBytes,
  base64urlFromBytes,
  bytesFromBase64,
  bytesFromBase64url,
  bytesFromHex,
  bytesFromOctets,
  hexFromBytes,
  textFromUtf8,
  utf8,
} from "#encoding";
export {
  type AesGcmEnvelope,
  type EnvelopePrimitives,
  envelopeContentKeyBytes,
  openEnvelope,
  sealEnvelope,
} from "./aes/aes-gcm-envelope.ts";
export { aes128Gcm, aes256Gcm, type GcmContent, type GcmProfile, openGcm, sealGcm } from "./aes/gcm-content.ts";
export { openReveal, type SealedReveal, sealReveal } from "./agreement/ecdh-reveal.ts";
export { type HpkeOpenPrimitives, type HpkeSealPrimitives, openHpke, sealHpke } from "./agreement/hpke.ts";
export { type HpkeProfile, hpke0, hpke7 } from "./agreement/hpke-profiles.ts";
export { encodeP256PublicKey, type P256PublicKeyEncoding, parseP256PublicKey } from "./agreement/p256-public-key.ts";
export { concatBytes, copySecret, equalInConstantTime, secretBytes } from "./bytes.ts";
export { type Unwrap, withContentKey } from "./content-key.ts";
export { derFromSignature, signatureFromDer } from "./ecdsa-signature.ts";
export { answerTo, type ErrorAnswers, type Refusals } from "./errors/error-answers.ts";
export { errorClassOf, errorCodes, type PinPolicyCode } from "./errors/error-sentences.ts";
export { type ErrorCode, LinchpinError, type ShapeFault } from "./errors/errors.ts";
export { type Jwe, type JwePrimitives, openJwe, parseJwe, sealJwe } from "./jose/jwe.ts";
export { type JweProfile, rsaOaep256A256CbcHs512, rsaOaepA128CbcHs256 } from "./jose/jwe-profiles.ts";
export {
  jwkThumbprint,
  type P256Jwk,
  p256JwkFromPoint,
  pointFromP256Jwk,
  pointOfP256Jwk,
  rsaJwkFromKey,
} from "./jose/jwk.ts";
export { type Jws, parseJws, signJws, verifyJws } from "./jose/jws.ts";
export { Pin } from "./pin/pin.ts";
export {
  decipherPinBlockFormat4,
  decodePinBlockFormat0,
  decodePinBlockFormat1,
  decodePinBlockFormat2,
  decodePinBlockFormat3,
  encipherPinBlockFormat4,
  encodePinBlockFormat0,
  encodePinBlockFormat1,
  encodePinBlockFormat2,
  encodePinBlockFormat3,
  format4PinField,
  readFormat4PinField,
} from "./pin/pin-block.ts";
export { decodePinBlockFormat2Text, encodePinBlockFormat2Text } from "./pin/pin-block-text.ts";
export { decodePinJson, encodePinJson } from "./pin/pin-json.ts";
export { checkPinPolicy, type PinPolicy, solarisPinPolicy } from "./pin/pin-policy.ts";
export type {
  AgreementKey,
  HkdfInput,
  HmacHash,
  OaepHash,
  Primitives,
  RsaJwk,
  RsaPublicKey,
  SigningKey,
} from "./primitives.ts";
export { randomBelow, randomCharacters } from "./random-characters.ts";
export { pemMediaType, rsaKeyFromPem } from "./rsa/pem.ts";
export {
  encryptRsa,
  type RsaKeyAlgorithm,
  type RsaProfile,
  rsaOaep,
  rsaOaep256,
  rsaOaepMessage,
  rsaPkcs1,
  rsaProfiles,
} from "./rsa/rsa-profiles.ts";
export { applyRsaPublicKey, readRsaPublicKey } from "./rsa/rsa-public-key.ts";
