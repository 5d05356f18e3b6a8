import { LinchpinError } from "@linchpin/core";
import { assertionHeader } from "@linchpin/protocols/venly/wire";
import { describeFetchFailure } from "../../outbox/fetch-failure.ts";

/** A request that was checked, on its way to whoever carries it out. */
export interface UpstreamRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly contentType: string | undefined;
  /** As received. */
  readonly body: Uint8Array;
  /** What was checked, signed: a compact JWS. */
  readonly assertion: string;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

/** Asked once: nothing is sent again. @throws LinchpinError `upstream_failed`, `upstream_timed_out` */
export type Upstream = (request: UpstreamRequest) => Promise<UpstreamAnswer>;

/** An upstream behind a base URL. */
export function httpUpstream(baseUrl: string, timeoutMs: number): Upstream {
  return async ({ method, path, contentType, body, assertion }) => {
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: {
          [assertionHeader]: assertion,
          ...(contentType === undefined ? {} : { "content-type": contentType }),
        },
        ...(body.length === 0 ? {} : { body: Uint8Array.from(body) }),
        // Followed, a redirect would be a second request.
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, contentType: response.headers.get("content-type"), body: answer };
    } catch (cause) {
      const isLate = cause instanceof DOMException && cause.name === "TimeoutError";
      throw new LinchpinError(isLate ? "upstream_timed_out" : "upstream_failed", {
        reason: describeFetchFailure(cause),
      });
    }
  };
}
