import type { KeyPurpose } from "@linchpin/vault";
import { protocolTable } from "./protocol-table.ts";

/** Every key that the issuer holds, by what it is for: its algorithm, and how long a version is accepted after the next one came. */
export const keyPurposes: Readonly<Record<string, KeyPurpose>> = {
  /** Stored PINs. An old version opens what it sealed for as long as that is there. */
  "card-pin": { algorithm: "A256GCM", overlapMs: null },
  /** Stored PANs and CVV2s. */
  "card-data": { algorithm: "A256GCM", overlapMs: null },
  /** OTPs, TANs, strings to sign, and the texts of messages. */
  secret: { algorithm: "A256GCM", overlapMs: null },
  ...Object.assign({}, ...protocolTable.map((protocol) => protocol.keyPurposes)),
};
