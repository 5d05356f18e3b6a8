import type { Context } from "./context/index.ts";
import type { Protocol } from "./protocol.ts";
import type { Sandbox } from "./sandbox.ts";

/** What `serve` is handed in order to run as a sandbox. */
export interface SandboxFactory {
  /** In the place of random codes, for the number whose codes are published. */
  readonly makeOtp: (mobileNumber: string) => string;
  readonly maxOtpsPerHour: number;
  /** Seeds the store and opens what only a sandbox has. The master key is for its explanations; null: keys are in a token. */
  readonly open: (
    context: Context,
    parts: { readonly protocols: readonly Protocol[]; readonly masterKey: Uint8Array | null },
  ) => Promise<Sandbox>;
}
