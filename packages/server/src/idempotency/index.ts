export {
  answerOnce,
  type IdempotencyTerms,
  type KeepAnswer,
  type KeptAnswer,
  keepRefusals,
  longestKeptMs,
} from "./answer-once.ts";
