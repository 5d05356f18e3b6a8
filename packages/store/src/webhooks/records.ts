import type { Sealed } from "../records.ts";

/** A URL that receives one type of event for a partner. */
export interface Webhook {
  readonly id: string;
  /** The protocol whose format the notifications have. */
  readonly protocol: string;
  readonly partnerId: string;
  readonly eventType: string;
  readonly url: string;
  /** The HMAC secret, which the partner received once. */
  readonly sealedSecret: Sealed;
  readonly createdAt: Date;
}
