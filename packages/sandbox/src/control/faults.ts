import { LinchpinError } from "@linchpin/core";
import Type from "typebox";
import { object } from "./shapes.ts";

/** What a fault does to a request; the members are explained at `Fault`. */
export type FaultStatus = 429 | 500 | 503 | "timeout" | "reset" | "unavailable" | "pending";

/** A fault of the requests of one protocol that come next. */
export type Fault = Type.Static<typeof Fault>;
export const Fault = object({
  protocol: Type.String({ description: "whose requests: a member of GET /sandbox, such as adyen, or issuer" }),
  status: Type.Optional(
    Type.Union(
      [
        Type.Literal(429),
        Type.Literal(500),
        Type.Literal(503),
        Type.Literal("timeout"),
        Type.Literal("reset"),
        Type.Literal("unavailable"),
        Type.Literal("pending"),
      ],
      {
        description:
          "a number: answered so, in the protocol's own shape; timeout: no answer; reset: the connection is reset; " +
          "unavailable and pending: Adyen's answer to a PIN change. Absent: a delay alone",
      },
    ),
  ),
  delayMs: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 600_000, description: "real time before anything else happens" }),
  ),
  times: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: "how many requests; 1 if absent" })),
  path: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: "only requests whose path ends so, such as /pins/change",
    }),
  ),
  loses: Type.Optional(
    Type.Union([Type.Literal("request"), Type.Literal("answer")], {
      description:
        "of timeout and reset; request, if absent: the issuer does nothing; answer: it does what was asked, and the " +
        "answer is lost",
    }),
  ),
});

/** A fault that is due for a request. */
export type DueFault = Pick<Fault, "status" | "delayMs" | "loses">;

/** The faults that wait for requests, first in, first out. */
export class Faults {
  readonly #isKnown: (protocol: string) => boolean;
  readonly #onlyAt: (fault: Fault) => RegExp | null;
  #waiting: { readonly fault: Fault; left: number }[] = [];

  /** @param onlyAt the paths at which a protocol has this status; null: it does not have it */
  constructor(isKnown: (protocol: string) => boolean, onlyAt: (fault: Fault) => RegExp | null) {
    this.#isKnown = isKnown;
    this.#onlyAt = onlyAt;
  }

  /**
   * @throws LinchpinError `request_invalid`: there is no such protocol, the protocol has no such status, nothing would
   *   happen, or there is no answer to lose; `field` is the member
   */
  add(fault: Fault): void {
    const { protocol, status, delayMs, loses } = fault;
    if (!this.#isKnown(protocol)) throw invalid("protocol", "there is no such protocol");
    if (status === undefined && delayMs === undefined) throw invalid("status", "a fault has a status or a delay");
    if (this.#onlyAt(fault) === null) throw invalid("status", "this protocol has no such status");
    if (loses !== undefined && status !== "timeout" && status !== "reset")
      throw invalid("loses", "only timeout and reset lose anything");
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  /** Takes the first fault that waits for this request. */
  take(protocol: string, path: string): DueFault | null {
    const found = this.#waiting.find(
      ({ fault }) => fault.protocol === protocol && path.endsWith(fault.path ?? "") && this.#onlyAt(fault)?.test(path),
    );
    if (found === undefined) return null;
    found.left--;
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return found.fault;
  }

  /** Those that still wait, with the number of requests that each waits for. */
  list(): Fault[] {
    return this.#waiting.map(({ fault, left }) => ({ ...fault, times: left }));
  }

  clear(): void {
    this.#waiting = [];
  }
}

function invalid(field: string, reason: string): LinchpinError {
  return new LinchpinError("request_invalid", { field, reason });
}
