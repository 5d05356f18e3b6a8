import { LinchpinError } from "@linchpin/core";
import type { Upstream } from "@linchpin/protocols/venly/issuer";
import { assertionHeader } from "@linchpin/protocols/venly/wire";
import { describeFetchFailure } from "../../../outbox/index.ts";

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
        // Following a redirect would send the request a second time.
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
