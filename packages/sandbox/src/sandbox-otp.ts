import type { SandboxRandom } from "./control/sandbox-random.ts";
import { fixedOtp } from "./protocol-table.ts";

/** Stays out of a test's way. */
export const sandboxMaxOtpsPerHour = 10_000;

export const makeSandboxOtp = (mobileNumber: string, random: SandboxRandom): string =>
  mobileNumber === fixedOtp.mobileNumber ? fixedOtp.otp : random.nextCode(mobileNumber);
