import type { Context } from "./context/index.ts";
import type { Protocol } from "./protocol.ts";
import type { Sandbox } from "./sandbox.ts";

/** Makes the sandbox. `serve` is handed one where it is to run as a sandbox. */
export interface SandboxFactory {
  /** Replaces random codes by a published one, for the one mobile number whose code is published. */
  readonly makeOtp: (mobileNumber: string) => string;
  readonly maxOtpsPerHour: number;
  /** Seeds the store and opens the sandbox's own parts. The master key serves its explanations; null: the keys are in a token. */
  readonly open: (
    context: Context,
    parts: { readonly protocols: readonly Protocol[]; readonly masterKey: Uint8Array | null },
  ) => Promise<Sandbox>;
}
