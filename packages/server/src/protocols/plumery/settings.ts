import { type SettingRows, text, type ValuesOf } from "../../settings/index.ts";

export const plumerySettings = {
  /** Both sides derive their keys from it. */
  hkdfInfo: {
    name: "LINCHPIN_PLUMERY_HKDF_INFO",
    help: "HKDF info that is agreed with Plumery's side, as text",
    default: { value: "", words: "empty" },
    parse: text,
    isVerbatim: true,
  },
} as const satisfies SettingRows;

export type PlumerySettings = ValuesOf<typeof plumerySettings>;
