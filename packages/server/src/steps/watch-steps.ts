import { LinchpinError } from "@linchpin/core";
import { type Context, isStepName, type StepTaken } from "../context/index.ts";

/** The operation itself; in a sandbox, a copy of it whose steps are reported as they end. */
export function watched<Operation extends { readonly name: string }>(
  { watchStep }: Pick<Context, "watchStep">,
  operation: Operation,
): Operation {
  if (watchStep === undefined) return operation;
  const members = Object.entries<unknown>({ ...operation }).map(([name, member]) => {
    if (!isStepName(name) || typeof member !== "function") return [name, member];
    const report = (outcome: Pick<StepTaken, "refusal" | "elapsedMs">) =>
      watchStep({ operation: operation.name, step: name, ...outcome });
    return [name, watchedStep(member as Run, report)];
  });
  return Object.fromEntries(members);
}

type Run = (...given: unknown[]) => unknown;

function watchedStep(run: Run, report: (outcome: Pick<StepTaken, "refusal" | "elapsedMs">) => void): Run {
  return (...given) => {
    const startedAt = performance.now();
    const end = (refusal: string | null) => report({ refusal, elapsedMs: performance.now() - startedAt });
    const pass = <Result>(result: Result): Result => {
      end(null);
      return result;
    };
    const refuse = (error: unknown): never => {
      end(error instanceof LinchpinError ? error.code : "internal");
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
