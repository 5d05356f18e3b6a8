import { integer, oneOf, type SettingRows, type ValuesOf } from "../../settings/index.ts";

export const nativeSettings = {
  /** Its sealing key computes in the vault: an operator whose vault cannot compute it switches the protocol off. */
  isServed: {
    name: "LINCHPIN_NATIVE",
    help: "on, or off: the native protocol is not served and has no keys",
    default: "on",
    parse: oneOf("on", "off"),
  },
  codesPerDay: {
    name: "LINCHPIN_NATIVE_CODES_PER_DAY",
    help: "how many codes of the native protocol a person is sent on a day (UTC)",
    default: { production: "5", sandbox: "1000" },
    parse: integer({ min: 1, max: 1000 }),
  },
} as const satisfies SettingRows;

export type NativeSettings = ValuesOf<typeof nativeSettings>;
