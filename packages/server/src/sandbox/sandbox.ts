import type { FastifyInstance } from "fastify";
import type { Explain } from "../http/answer-errors.ts";
import type { Upstream } from "../protocols/venly/http-upstream.ts";
import type { WatchStep } from "../steps/watch-steps.ts";

/** What only a sandbox has; production never loads this folder. */
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
