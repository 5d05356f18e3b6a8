import type { OaepHash } from "@linchpin/core";
import type { Mechanism } from "pkcs11js";
import type { Binding } from "./binding.ts";
import type { GcmParameters } from "./capabilities.ts";

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

const hashConstants = {
  "SHA-1": { mechanism: "CKM_SHA_1", mgf: "CKG_MGF1_SHA1" },
  "SHA-256": { mechanism: "CKM_SHA256", mgf: "CKG_MGF1_SHA256" },
  "SHA-512": { mechanism: "CKM_SHA512", mgf: "CKG_MGF1_SHA512" },
} as const satisfies Record<OaepHash | "SHA-1" | "SHA-512", object>;

/** CKZ_DATA_SPECIFIED, for which pkcs11js has no constant. */
const dataSpecified = 1;
