export { answerOnce, type IdempotencyTerms, type KeepAnswer, keepRefusals } from "./answer-once.ts";
