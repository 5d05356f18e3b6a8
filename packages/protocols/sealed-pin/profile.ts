/** RSA-OAEP-256 with A256CBC-HS512. The issuer's keys for it are of the algorithm `RSA-OAEP-256`. */
export { rsaOaep256A256CbcHs512 as sealedPinProfile } from "@linchpin/core";
