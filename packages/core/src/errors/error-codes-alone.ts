import type { ErrorCode } from "./error-sentences.ts";

/** In browsers, by the condition in package.json: the sentences would be a third of what is downloaded. */
export function sentenceOf(code: ErrorCode): string {
  return code;
}
