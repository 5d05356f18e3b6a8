import { type ErrorClass, type ErrorCode, type ErrorCodeOf, errorClassOf } from "./error-sentences.ts";

/**
 * What a protocol answers for every code: for each class one answer, or one for each of its codes. By type nothing can be
 * left out, so a code that an operation comes to raise never answers for want of an entry.
 */
export type ErrorAnswers<Answer> = {
  readonly [Class in ErrorClass]: Answer | { readonly [Code in ErrorCodeOf<Class>]: Answer };
};

/** `Answer` is a tuple or a number: an object would be taken for the answers of a class. */
export function answerTo<Answer extends readonly unknown[] | number>(
  answers: ErrorAnswers<Answer>,
  code: ErrorCode,
): Answer {
  const answer: Answer | Partial<Record<ErrorCode, Answer>> = answers[errorClassOf(code)];
  return typeof answer === "object" && code in answer
    ? (answer as Record<ErrorCode, Answer>)[code]
    : (answer as Answer);
}

/** How a protocol refuses, as the device half reads it: which word of a body says why, and the code for each word. */
export interface Refusals {
  /** The relay may send any JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
  readonly wordIn: (body: any) => unknown;
  /** Words that stand here for no code are `refused`, or what their status says. */
  readonly codes: Readonly<Record<string, ErrorCode>>;
}
