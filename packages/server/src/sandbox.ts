import type { FastifyInstance } from "fastify";
import type { WatchStep } from "./context/index.ts";
import type { Explain } from "./http/index.ts";
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
