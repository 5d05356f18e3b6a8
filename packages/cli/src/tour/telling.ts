import { LinchpinError } from "@linchpin/core";
import { exitCodes } from "../exit-codes.ts";
import { Failure, failureOf } from "../failure.ts";

export type Party = "device" | "partner" | "issuer" | "vault" | "store" | "person" | "operator" | "upstream";

/** What one party saw of a message, in a line. Never a PIN. */
export interface Hop {
  readonly party: Party;
  readonly sees: string;
}

interface Step {
  readonly title: string;
  readonly hops: readonly Hop[];
  readonly ok: boolean;
  /** What came out otherwise. */
  readonly surprise?: string;
}

export interface Told {
  readonly ok: boolean;
  readonly steps: readonly Step[];
}

/** Receives each step as it happens. */
export interface Listener {
  begins(number: number, title: string): void;
  hop(hop: Hop): void;
  ends(surprise: string | null): void;
}

export type Say = (party: Party, sees: string) => void;

/** Keeps what was told; ends at the first step that comes out otherwise. */
export class Telling {
  readonly #listener: Listener;
  readonly #steps: Step[] = [];

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  async tell(story: () => Promise<void>): Promise<Told> {
    try {
      await story();
      return { ok: true, steps: this.#steps };
    } catch (error) {
      if (refusalOf(error) !== null) return { ok: false, steps: this.#steps };
      throw error;
    }
  }

  async step<Result>(title: string, act: (say: Say) => Promise<Result>): Promise<Result> {
    const hops: Hop[] = [];
    this.#listener.begins(this.#steps.length + 1, title);
    try {
      const result = await act((party, sees) => {
        hops.push({ party, sees });
        this.#listener.hop({ party, sees });
      });
      this.#end({ title, hops, ok: true });
      return result;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== null) this.#end({ title, hops, ok: false, surprise: refusal.message });
      throw error;
    }
  }

  #end(step: Step): void {
    this.#steps.push(step);
    this.#listener.ends(step.surprise ?? null);
  }
}

/** @throws Failure, which ends the telling */
export function expect(isAsItShouldBe: boolean, otherwise: string): asserts isAsItShouldBe {
  if (!isAsItShouldBe) throw new Failure(exitCodes.refused, otherwise);
}

/** What comes out otherwise is part of the story, and what the device refuses; where nobody answers there is none. */
function refusalOf(error: unknown): Failure | null {
  if (!(error instanceof Failure || error instanceof LinchpinError)) return null;
  const failure = failureOf(error);
  return failure.exitCode === exitCodes.unreachable ? null : failure;
}
