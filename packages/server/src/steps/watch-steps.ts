import { LinchpinError } from "@linchpin/core";
import type { Context } from "../context/context.ts";

/** Told of each step of the table as it ends. Only a sandbox has one: it shows them. */
export type WatchStep = (taken: StepTaken) => void;

interface StepTaken {
  readonly operation: string;
  /** The row: a member of the operation. */
  readonly step: string;
  /** Why it refused; null where it let pass. */
  readonly refusal: string | null;
  readonly elapsedMs: number;
}

/** The operation itself, or in a sandbox one whose steps are told of. */
export function watched<Operation extends { readonly name: string }>(
  context: Context,
  operation: Operation,
): Operation {
  const { watchStep } = context;
  if (watchStep === undefined) return operation;
  const members = Object.entries<unknown>({ ...operation }).map(([step, member]) => {
    const isStep = typeof member === "function" && step !== "facts" && !doesNothing.test(member.name);
    return [step, isStep ? watchedStep(member as Run, { operation: operation.name, step }, watchStep) : member];
  });
  return Object.fromEntries(members);
}

type Run = (...given: unknown[]) => unknown;

function watchedStep(run: Run, names: Pick<StepTaken, "operation" | "step">, watchStep: WatchStep): Run {
  return (...given) => {
    const startedAt = performance.now();
    const tell = (refusal: string | null) => watchStep({ ...names, refusal, elapsedMs: performance.now() - startedAt });
    const pass = <Result>(result: Result): Result => {
      tell(null);
      return result;
    };
    const refuse = (error: unknown): never => {
      tell(error instanceof LinchpinError ? error.code : "internal");
      throw error;
    };
    try {
      const result = run(...given);
      return result instanceof Promise ? result.then(pass, refuse) : pass(result);
    } catch (error) {
      return refuse(error);
    }
  };
}

/** What the table calls a step that an operation has no use for. */
const doesNothing = /^(no[A-Z]|nothing|nobody$)/;
