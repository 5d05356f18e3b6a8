export { concatBytes, equalInConstantTime, utf8 } from "./bytes.ts";
export { jweContentKeyBytes } from "./content-encryption.ts";
export { derFromSignature, signatureFromDer } from "./ecdsa-signature.ts";
export {
  base64FromBytes,
  base64urlFromBytes,
  bytesFromBase64,
  bytesFromBase64url,
  bytesFromHex,
  hexFromBytes,
} from "./encoding.ts";
export { type ErrorCode, errorCodes, LinchpinError } from "./errors.ts";
export { type Jwe, openJwe, parseJwe, sealJwe } from "./jwe.ts";
export { Pin } from "./pin.ts";
export { checkPinPolicy, type PinPolicy, solarisPinPolicy } from "./pin-policy.ts";
export type { AgreementKey, HkdfInput, Primitives, RsaPublicKey, SigningKey } from "./primitives.ts";
