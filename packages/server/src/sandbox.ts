import type { FastifyInstance } from "fastify";
import type { Context, WatchStep } from "./context/index.ts";
import type { Explain } from "./http/index.ts";
import type { Protocol } from "./protocol.ts";
import type { Upstream } from "./upstream.ts";

/** What a sandbox adds to the issuer. Production is never given one. */
export interface Sandbox {
  /** What happens is told to whoever looks on. */
  readonly watchStep: WatchStep;
  readonly watchRequests: (app: FastifyInstance) => void;
  /** The page at `/`, and everything below `/sandbox`. */
  readonly routes: (app: FastifyInstance) => Promise<void>;
  readonly explain: Explain;
  /** The TAN of a change request that is authorized by `static`. */
  readonly staticTan: string;
  /** What Venly's protected requests are handed on to where the operator names nobody. */
  readonly upstream: Upstream;
}

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
