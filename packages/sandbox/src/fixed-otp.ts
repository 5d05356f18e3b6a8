import type { SandboxRandom } from "./control/sandbox-random.ts";

/** What Solaris publishes for its sandbox: every OTP and TAN to this number is this one. */
export const fixedOtp = { mobileNumber: "+15550101", otp: "212212" } as const;

/** Stays out of a test's way. */
export const sandboxMaxOtpsPerHour = 10_000;

export const makeSandboxOtp = (mobileNumber: string, random: SandboxRandom): string =>
  mobileNumber === fixedOtp.mobileNumber ? fixedOtp.otp : random.nextCode(mobileNumber);
