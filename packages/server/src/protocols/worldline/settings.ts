import { oneOf, type SettingRows, type ValuesOf } from "../../settings/index.ts";

export const worldlineSettings = {
  /** One way for all who call: a key serves one way of wrapping only. */
  keyWrap: {
    name: "LINCHPIN_WORLDLINE_KEY_WRAP",
    help: "how session keys of Worldline's protocol are wrapped: oaep (RSAES-OAEP, SHA-256) or pkcs1 (RSAES-PKCS1-v1_5)",
    default: "oaep",
    parse: oneOf("oaep", "pkcs1"),
  },
} as const satisfies SettingRows;

export type WorldlineSettings = ValuesOf<typeof worldlineSettings>;
