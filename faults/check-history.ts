import { explainByAnOrder } from "./explain-by-an-order.ts";
import { type Attempt, type Finding, type HeldCard, type HeldEvent, type Holdings, tryLimit } from "./history.ts";
import { type Operation, operationsOf } from "./operations.ts";

/** Holds every answer against every other and against what is there afterwards. None found: an empty array. */
export function checkHistory(history: readonly Attempt[], holdings: Holdings): Finding[] {
  const bySubject = Map.groupBy(operationsOf(history), ({ subject }) => subject);
  const cards = [...holdings.cards].flatMap(([card, held]) => checkCard(card, bySubject.get(card) ?? [], held));
  const users = [...holdings.transfers].flatMap(([user, received]) =>
    checkTransfers(user, bySubject.get(user) ?? [], received),
  );
  return [...cards, ...users];
}

/** Holds what was sent again against what had been answered: nothing takes effect twice. */
export function checkSentAgain(history: readonly Attempt[]): Finding[] {
  return checkAnswers(operationsOf(history));
}

function checkCard(card: string, operations: readonly Operation[], held: HeldCard): Finding[] {
  const named = [
    ...checkAnswers(operations),
    ...checkTries(card, operations),
    ...checkCounts(card, operations, held),
    ...checkEvents(card, held),
  ];
  // What has a name needs no search for an order, which could only fail.
  return named.length > 0 ? named : explainByAnOrder(card, operations, held);
}

function checkTransfers(user: string, operations: readonly Operation[], received: readonly string[]): Finding[] {
  const find = findingsOf(user);
  const transferred = operations.filter(({ result }) => result?.says === "transferred");
  const wrong = new Set(operations.filter(({ asked }) => !isRight(asked)).map(nameOf));
  const told = operations.filter(
    ({ asked, result }) => result?.says === (isRight(asked) ? "incorrect" : "transferred"),
  );
  return [
    ...checkAnswers(operations),
    ...find("lost", transferred.map(nameOf), (message) => !received.includes(message)),
    ...find("applied twice", received, (message, index) => received.indexOf(message) !== index),
    ...find("false answer", received, (message) => wrong.has(message)),
    ...find("false answer", told.map(nameOf), () => true),
  ];
}

function isRight(asked: Operation["asked"]): boolean {
  return asked.to !== "transfer" || asked.isRight;
}

/** What a message's own answers tell. */
function checkAnswers(operations: readonly Operation[]): Finding[] {
  return operations.flatMap(({ subject, message, asked, effect, result, acknowledgements }): Finding[] => {
    if (acknowledgements > 1)
      return [{ what: "applied twice", subject, detail: `${message}: acknowledged ${acknowledgements} times` }];
    if (effect !== "none" || (result?.says === "blocked" && asked.to === "reveal")) return [];
    const why = result?.says === "refused" ? result.why : `${result?.says}, but it was never sent before`;
    return [{ what: "false answer", subject, detail: `${message}: ${asked.to} was refused: ${why}` }];
  });
}

/** More mismatches than are allowed, with nothing that can have come between and given tries back. */
function checkTries(card: string, operations: readonly Operation[]): Finding[] {
  const mismatches = operations.filter(({ result }) => result?.says === "mismatch");
  const givingBack = operations.filter(isGivingBack);
  const sets = mismatches.flatMap((_, index) => {
    const set = mismatches.slice(index, index + tryLimit + 1);
    if (set.length <= tryLimit) return [];
    const from = Math.min(...set.map(({ startedAtMs }) => startedAtMs));
    const to = Math.max(...set.map(({ endedAtMs }) => endedAtMs));
    const isExplained = givingBack.some(({ startedAtMs, endedAtMs }) => startedAtMs <= to && endedAtMs >= from);
    return isExplained ? [] : [set.map(nameOf).join(", ")];
  });
  return findingsOf(card)("try too many", sets.slice(0, 1), () => true);
}

function isGivingBack({ asked, effect, result }: Operation): boolean {
  if (effect === "none") return false;
  return asked.to === "change" || (asked.to === "verify" && (result === null || result.says === "match"));
}

/** No fewer events than answers, no more than answers and what was left open. */
function checkCounts(card: string, operations: readonly Operation[], { version, events }: HeldCard): Finding[] {
  const kinds = [
    ["change", "change", "changed"],
    ["verify", "match", "match"],
    ["verify", "mismatch", "mismatch"],
    ["verify", "blocked", "blocked"],
    ["reveal", "reveal", "revealed"],
  ] as const;
  const counted = kinds.flatMap(([to, did, says]) => {
    const asked = operations.filter((operation) => operation.asked.to === to);
    const told = asked.filter(({ result }) => result?.says === says).length;
    const surely = did === "change" ? asked.filter(({ effect }) => effect === "applied").length : told;
    const open = asked.filter(({ effect, result }) => effect !== "none" && result === null).length;
    return compare(card, events.filter((event) => event.did === did).length, surely, told + open, `${did} events`);
  });
  const changes = operations.filter(({ asked }) => asked.to === "change");
  const surely = changes.filter(({ effect }) => effect === "applied").length;
  const atMost = changes.filter(({ effect }) => effect !== "none").length;
  return [...compare(card, version, surely, atMost, "versions"), ...counted];
}

function compare(subject: string, found: number, atLeast: number, atMost: number, things: string): Finding[] {
  if (found < atLeast) return [{ what: "lost", subject, detail: `${found} ${things}, ${atLeast} acknowledged` }];
  if (found > atMost) return [{ what: "applied twice", subject, detail: `${found} ${things}, ${atMost} asked for` }];
  return [];
}

/** The chain by itself, and the row against where it ends. */
function checkEvents(card: string, held: HeldCard): Finding[] {
  let told = { version: 0, failedTries: 0, isBlocked: false };
  for (const [index, event] of held.events.entries()) {
    const next = follow(told, event);
    if (typeof next === "string") return [{ what: next, subject: card, detail: `event ${index}: ${event.did}` }];
    told = next;
  }
  const { version, failedTries, isBlocked } = held;
  if (told.version === version && told.failedTries === failedTries && told.isBlocked === isBlocked) return [];
  const detail = `the chain ends at ${JSON.stringify(told)}, the row at ${JSON.stringify({ version, failedTries, isBlocked })}`;
  return [{ what: "audit differs", subject: card, detail }];
}

type Told = Pick<HeldCard, "version" | "failedTries" | "isBlocked">;

function follow(told: Told, { did, version }: HeldEvent): Told | Finding["what"] {
  if (did === "change")
    return version === told.version + 1 ? { version, failedTries: 0, isBlocked: false } : "audit differs";
  // A reveal is written down when its PIN was read: a change may have come between.
  if (did === "reveal") return version <= told.version ? told : "audit differs";
  if (version !== told.version || told.isBlocked !== (did === "blocked"))
    return did === "mismatch" && told.isBlocked ? "try too many" : "audit differs";
  if (did === "match") return { ...told, failedTries: 0 };
  if (did === "blocked") return told;
  const failedTries = told.failedTries + 1;
  return { ...told, failedTries, isBlocked: failedTries >= tryLimit };
}

function findingsOf(subject: string) {
  return (
    what: Finding["what"],
    messages: readonly string[],
    isOne: (message: string, index: number) => boolean,
  ): Finding[] => messages.filter(isOne).map((detail) => ({ what, subject, detail }));
}

function nameOf({ message }: Operation): string {
  return message;
}
