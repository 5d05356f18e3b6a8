import type { RateLimitPluginOptions } from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import type { WatchStep } from "./context/index.ts";
import type { Explain } from "./http/index.ts";

/** The additions of a sandbox to the issuer. Production runs without one. */
export interface Sandbox {
  /** Receives each step of an operation, for the events that the page shows. */
  readonly watchStep: WatchStep;
  readonly watchRequests: (app: FastifyInstance) => void;
  /** Counts requests for their limit by the sandbox's clock. */
  readonly requestCounts: NonNullable<RateLimitPluginOptions["store"]>;
  /** The page at `/`, and everything below `/sandbox`. */
  readonly routes: (app: FastifyInstance) => Promise<void>;
  readonly explain: Explain;
  /** What it adds to a protocol's routes, by the protocol's name. */
  readonly protocols: Readonly<Record<string, object>>;
}
