import type { DeviceKeyPurpose, Sealed } from "../records.ts";

export type ChallengeKind = "device_binding" | "device_signing" | "mobile_number" | "activation_code" | "session_code";

export interface Challenge {
  readonly id: string;
  readonly kind: ChallengeKind;
  readonly personId: string;
  readonly partnerId: string;
  readonly deviceId: string | null;
  /** The device key that must sign. Null when the answer is typed. */
  readonly keyPurpose: DeviceKeyPurpose | null;
  /** The OTP, the code or the string to sign. */
  readonly sealedSecret: Sealed;
  readonly state: "open" | "answered" | "ended";
  readonly tries: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** How a challenge that is sent to the person is added. */
export interface Sending {
  /**
   * How many OTPs, TANs and codes may be sent to the person within the hour of `createdAt`. TANs of change requests
   * count too.
   */
  readonly maxOtpsPerHour: number;
  /** Ends the person's open challenges of the same kind. */
  readonly replaces: boolean;
}
