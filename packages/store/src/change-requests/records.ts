import type { Sealed } from "../records.ts";

/** How the confirmation is asked for: a TAN by SMS, a signature of a device, or the sandbox's fixed TAN. */
export type DeliveryMethod = "mobile_number" | "device_signing" | "static";
export type ChangeRequestStatus = "AUTHORIZATION_REQUIRED" | "CONFIRMATION_REQUIRED" | "COMPLETED" | "FAILED";

export interface ChangeRequest {
  readonly id: string;
  readonly cardId: string;
  readonly personId: string;
  readonly partnerId: string;
  readonly status: ChangeRequestStatus;
  /** The new PIN. Null once the request is completed or failed. */
  readonly sealedPin: Sealed | null;
  readonly deliveryMethod: DeliveryMethod | null;
  readonly deviceId: string | null;
  /** The TAN or the string to sign. Null until the request is authorized, and once it is completed or failed. */
  readonly sealedSecret: Sealed | null;
  readonly tries: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date;
}

export interface Authorization {
  readonly deliveryMethod: DeliveryMethod;
  readonly deviceId: string | null;
  readonly sealedSecret: Sealed;
  /** As in `Sending` of challenges. Null when no TAN is sent. */
  readonly maxOtpsPerHour: number | null;
  readonly at: Date;
}
