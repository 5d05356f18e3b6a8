// What React Native puts around Hermes, as far as the guides use it: `fetch`, AbortController, timers, `console`. What
// is asked for is printed, and answered when the same code runs again with that answer in `input`.
import { answerRequests, type PhoneAnswer } from "../../hermes/react-native-fetch.ts";

export interface PhoneInput {
  readonly random: readonly number[];
  readonly answers: PhoneAnswer[];
}

declare const input: PhoneInput;
declare function print(text: string): void;

const printed: string[] = [];
answerRequests(input.answers, (request) => print(JSON.stringify({ request })));

/** How the code under test ended. */
export function end(error?: { code?: string; stack?: string }): void {
  print(JSON.stringify({ printed: printed.join("\n"), error: error && (error.code ?? String(error.stack)) }));
}

Object.assign(globalThis, {
  console: { log: (...words: unknown[]) => void printed.push(words.join(" ")) },
});
