/** RSA-OAEP-256 with A256CBC-HS512. The issuer's keys for it are of the algorithm `RSA-OAEP-256`. */
export { rsaOaep256A256CbcHs512 as sealedPinProfile } from "@linchpin/core";

/** Of the issuer's key. The name stays although other operations use the key: records and audit events have it. */
export const sealedPinKeyPurpose = "solaris-pin";
