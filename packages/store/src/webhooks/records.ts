import type { Sealed } from "../records.ts";

/** A URL at which a partner is told of one type of event. */
export interface Webhook {
  readonly id: string;
  /** The protocol in whose form it is told. */
  readonly protocol: string;
  readonly partnerId: string;
  readonly eventType: string;
  readonly url: string;
  /** The HMAC secret that the partner was told once. */
  readonly sealedSecret: Sealed;
  readonly createdAt: Date;
}
