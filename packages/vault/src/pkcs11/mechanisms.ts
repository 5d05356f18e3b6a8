import type { OaepHash } from "@linchpin/core";
import type { Mechanism } from "pkcs11js";
import type { Binding } from "./binding.ts";
import type { GcmParameters, PeerPointEncoding } from "./capabilities.ts";

/** RSADP (RFC 8017 §5.1.2). The result has as many bytes as the modulus. */
export function rawRsaMechanism(binding: Binding): Mechanism {
  return { mechanism: binding.CKM_RSA_X_509 };
}

/** RSAES-OAEP with one hash for OAEP and MGF1, and no label. */
export function oaepMechanism(binding: Binding, hash: OaepHash): Mechanism {
  const { mechanism, mgf } = hashConstants[hash];
  const parameter = {
    type: binding.CK_PARAMS_RSA_OAEP,
    hashAlg: binding[mechanism],
    mgf: binding[mgf],
    source: dataSpecified,
  };
  return { mechanism: binding.CKM_RSA_PKCS_OAEP, parameter };
}

export function gcmMechanism(
  binding: Binding,
  parameters: GcmParameters,
  iv: Uint8Array,
  associatedData: Uint8Array,
): Mechanism {
  const parameter = {
    type: binding[parameters],
    iv: Buffer.from(iv),
    aad: Buffer.from(associatedData),
    ivBits: iv.length * 8,
    tagBits: 128,
  };
  return { mechanism: binding.CKM_AES_GCM, parameter };
}

/** ECDH of which the X coordinate is taken as it is (RFC 9180 §4.1), without a key derivation of the token's. */
export function agreementMechanism(binding: Binding, encoding: PeerPointEncoding, publicPoint: Uint8Array): Mechanism {
  const publicData = Buffer.concat([encoding === "octet-string" ? octetStringHeader : nothing, publicPoint]);
  const parameter = { type: binding.CK_PARAMS_EC_DH, kdf: binding.CKD_NULL, publicData };
  return { mechanism: binding.CKM_ECDH1_DERIVE, parameter };
}

const nothing = Buffer.alloc(0);
/** DER, of 65 bytes. */
const octetStringHeader = Buffer.of(0x04, 65);

const hashConstants = {
  "SHA-1": { mechanism: "CKM_SHA_1", mgf: "CKG_MGF1_SHA1" },
  "SHA-256": { mechanism: "CKM_SHA256", mgf: "CKG_MGF1_SHA256" },
  "SHA-512": { mechanism: "CKM_SHA512", mgf: "CKG_MGF1_SHA512" },
} as const satisfies Record<OaepHash | "SHA-1" | "SHA-512", object>;

/** CKZ_DATA_SPECIFIED, for which pkcs11js has no constant. */
const dataSpecified = 1;
