/** RSA-OAEP with SHA-1, and A128CBC-HS256. The issuer's keys for it are of the algorithm `RSA-OAEP`. */
export { rsaOaepA128CbcHs256 as stripePinProfile } from "@linchpin/core";
