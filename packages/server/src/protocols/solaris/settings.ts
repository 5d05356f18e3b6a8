import { type SettingRows, text, type ValuesOf } from "../../settings/index.ts";
import { allowedHosts } from "./webhooks/allowed-hosts.ts";

export const solarisSettings = {
  cardProgram: {
    name: "LINCHPIN_SOLARIS_CARD_PROGRAM",
    help: "id of the program of the cards that partners order",
    default: { value: null, words: "none: no cards are ordered; in the sandbox its own" },
    parse: text,
  },
  /** The issuer posts to URLs that partners name, so the operator names the hosts that those may be at. */
  webhookHosts: {
    name: "LINCHPIN_SOLARIS_WEBHOOK_HOSTS",
    help: "hosts of partners' webhooks, as in hooks.partner.example, 10.0.0.5:8443, or none",
    default: { production: "none", sandbox: "localhost, 127.0.0.1, [::1]" },
    parse: allowedHosts,
  },
} as const satisfies SettingRows;

export type SolarisSettings = ValuesOf<typeof solarisSettings>;
