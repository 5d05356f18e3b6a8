import type { KeyPairSource } from "@linchpin/vault";
import type { BackgroundWork } from "./background-work.ts";
import type { Context } from "./context/index.ts";
import type { Protocol } from "./protocol.ts";
import type { Sandbox } from "./sandbox.ts";

/** Makes the sandbox. `serve` is handed one where it is to run as a sandbox. */
export interface SandboxFactory {
  /** Replaces random codes by a published one, for the one mobile number whose code is published. */
  readonly makeOtp: (mobileNumber: string) => string;
  readonly maxOtpsPerHour: number;
  /** What time it is for the issuer. */
  readonly clock: () => Date;
  /** Where the software vault has its key pairs from. Absent: it makes fresh ones. */
  readonly keyPairs?: KeyPairSource;
  /** Registers what forgets a state that the process keeps beside the store: called when the sandbox is reset. */
  readonly onReset: (forget: () => void) => void;
  /** Seeds the store and opens the sandbox's own parts. The master key serves its explanations; null: the keys are in a token. */
  readonly open: (
    context: Context,
    parts: {
      readonly protocols: readonly Protocol[];
      readonly masterKey: Uint8Array | null;
      /** Absent: the context is served by nobody. */
      readonly background?: Pick<BackgroundWork, "runNow" | "pauseDuring">;
    },
  ) => Promise<Sandbox>;
}
