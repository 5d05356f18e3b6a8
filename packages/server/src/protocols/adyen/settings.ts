import { oneOf, type SettingRows, type ValuesOf } from "../../settings/index.ts";

export const adyenSettings = {
  /** Devices of one issuer wrap in one way: a key serves one way of wrapping only. */
  keyWrap: {
    name: "LINCHPIN_ADYEN_KEY_WRAP",
    help: "how Adyen's devices wrap session keys: pkcs1 (RSAES-PKCS1-v1_5) or oaep (RSAES-OAEP, SHA-256)",
    default: "pkcs1",
    parse: oneOf("pkcs1", "oaep"),
  },
} as const satisfies SettingRows;

export type AdyenSettings = ValuesOf<typeof adyenSettings>;
