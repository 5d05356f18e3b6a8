import type { Mechanism } from "pkcs11js";
import type { Binding } from "./binding.ts";
import type { GcmParameters } from "./capabilities.ts";

/** RSADP (RFC 8017 §5.1.2). The result has as many bytes as the modulus. */
export function rawRsaMechanism(binding: Binding): Mechanism {
  return { mechanism: binding.CKM_RSA_X_509 };
}

/** RSA-OAEP-256: SHA-256, MGF1 with SHA-256 and no label. */
export function oaepMechanism(binding: Binding): Mechanism {
  const parameter = {
    type: binding.CK_PARAMS_RSA_OAEP,
    hashAlg: binding.CKM_SHA256,
    mgf: binding.CKG_MGF1_SHA256,
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

/** CKZ_DATA_SPECIFIED, for which pkcs11js has no constant. */
const dataSpecified = 1;
