import type { Consequences, ReplayMark, Sealed } from "../store.ts";

/** PIN changes that wait for the person's word. */
export interface ChangeRequestStore {
  /** Spends the mark in the same transaction: the JWE can not be used again, whatever comes of the request. */
  addChangeRequest(request: ChangeRequest, mark: ReplayMark, consequences: Consequences): Promise<"added" | "replayed">;
  findChangeRequest(id: string): Promise<ChangeRequest | null>;
  /** `AUTHORIZATION_REQUIRED` or `CONFIRMATION_REQUIRED` → `CONFIRMATION_REQUIRED`, with a fresh secret; tries are kept. */
  authorizeChangeRequest(
    id: string,
    authorization: Authorization,
    consequences: Consequences,
  ): Promise<"authorized" | "ended" | "rate_limited">;
  /** As for challenges: the try is taken before the answer is looked at. The request fails when the last one is used up by a wrong answer. */
  takeConfirmationTry(id: string, maxTries: number, at: Date): Promise<"taken" | "ended">;
  /** → `FAILED`, its sealed PIN and secret deleted. */
  failChangeRequest(id: string, at: Date, consequences: Consequences): Promise<"failed" | "ended">;
  /** Deletes the sealed PINs and secrets of expired requests; the requests stay, as `FAILED`. */
  failExpiredChangeRequests(at: Date): Promise<number>;
  /** Deletes what was completed or failed before. */
  deleteEndedChangeRequests(before: Date): Promise<number>;
}

export interface Authorization {
  readonly deliveryMethod: DeliveryMethod;
  readonly deviceId: string | null;
  readonly sealedSecret: Sealed;
  /** As for challenges; null where no TAN goes out. */
  readonly maxOtpsPerHour: number | null;
  readonly at: Date;
}

export type DeliveryMethod = "mobile_number" | "device_signing" | "static";
export type ChangeRequestStatus = "AUTHORIZATION_REQUIRED" | "CONFIRMATION_REQUIRED" | "COMPLETED" | "FAILED";

export interface ChangeRequest {
  readonly id: string;
  readonly cardId: string;
  readonly personId: string;
  readonly partnerId: string;
  readonly status: ChangeRequestStatus;
  /** The new PIN; null once the request is ended. */
  readonly sealedPin: Sealed | null;
  readonly deliveryMethod: DeliveryMethod | null;
  readonly deviceId: string | null;
  /** TAN or string to sign; null until authorized and once ended. */
  readonly sealedSecret: Sealed | null;
  readonly tries: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date;
}
