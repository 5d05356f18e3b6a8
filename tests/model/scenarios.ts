import type { QueryName } from "./queries.ts";
import type { RuleName } from "./rules.ts";
import type { Scenario } from "./scenario.ts";
import { secret } from "./term.ts";
import { initialPin, type Run } from "./world.ts";

const pins = [secret("PIN typed first"), secret("PIN typed second")] as const;
const phone = "alice-phone";
const changes = (index: 0 | 1): Run => ({ op: "pin-change", auth: "device", card: "A1", key: phone, pin: pins[index] });
const compares: Run = { op: "pin-verify", auth: "device", card: "A1", key: phone, pin: pins[1] };
const revealsPin: Run = { op: "pin-reveal", auth: "device", card: "A1", key: phone };
const revealsCard: Run = { ...revealsPin, op: "card-reveal" };
const binds: Run = { op: "bind", auth: "code", card: "A1", key: "alice-new" };
const changesByCode: Run = { op: "pin-change", auth: "code", card: "A1", key: null, pin: pins[0] };

const signingStolen = "the relay has the issuer's signing key, which makes sessions and answers";
const codesKnown = "the relay is told the codes";

/** Within these bounds every query holds, but for those that a scenario says it does not claim. */
export const scenarios = {
  "two changes": { name: "two changes", runs: [changes(0), changes(1)], sameLast4: ["A1", "A2"], ownSessions: 1 },
  "change and comparison": {
    ...{ name: "change and comparison", runs: [changes(0), compares], sameLast4: ["A1", "A2"], ownSessions: 1 },
    isMalleated: true,
  },
  reveals: { name: "reveals", runs: [revealsPin, revealsCard], sameLast4: ["A1", "A2"], ownSessions: 2 },
  "reveal by a device that signs texts": {
    ...{ name: "reveal by a device that signs texts", runs: [revealsPin], sameLast4: ["A1", "A2"], ownSessions: 2 },
    hasTextOracle: true,
  },
  binding: { name: "binding", runs: [binds], sameLast4: ["A1", "A2"], ownSessions: 2 },
  "binding for a card that the relay names": {
    ...{ name: "binding for a card that the relay names", runs: [binds], sameLast4: ["A1", "M"], ownSessions: 1 },
    ...{ isLast8Same: true, isCardNamedByRelay: true },
  },
  "binding by a person who types codes anywhere": {
    ...{ name: "binding by a person who types codes anywhere", runs: [binds], sameLast4: ["A1", "M"], ownSessions: 1 },
    areCodesTypedAnywhere: true,
    notClaimed: { "secrecy of the code": codesKnown },
  },
  "guessed codes": {
    ...{ name: "guessed codes", runs: [], sameLast4: ["A1", "A2"], ownSessions: 3, ownOperation: "bind" },
    areDigitsKnown: true,
  },
  "change by code, then binding": {
    ...{ name: "change by code, then binding", runs: [changesByCode, binds], sameLast4: ["A1", "A2"], ownSessions: 0 },
    ...{ allowsChangeByCode: true, hasPinHistory: true },
  },
  "change by a code that is known": {
    ...{ name: "change by a code that is known", runs: [changesByCode], sameLast4: ["A1", "A2"], ownSessions: 1 },
    ...{ allowsChangeByCode: true, areCodesTypedAnywhere: true, areDigitsKnown: true },
    notClaimed: {
      "secrecy of the code": codesKnown,
      "agreement on what is done": "who has code and digits changes the PIN",
      "bound implies meant": "who has code and digits binds a key",
    },
  },
  "binding by a code that is known, and the present PIN": {
    ...{
      name: "binding by a code that is known, and the present PIN",
      runs: [{ ...binds, pin: initialPin("A1") }],
      sameLast4: ["A1", "A2"],
      ownSessions: 2,
    },
    ...{ asksPresentPin: true, allowsChangeByCode: true, areCodesTypedAnywhere: true, areDigitsKnown: true },
    notClaimed: { "secrecy of the code": codesKnown },
  },
  "card blocked for a while, device unbound": {
    ...{
      name: "card blocked for a while, device unbound",
      runs: [changes(0)],
      sameLast4: ["A1", "A2"],
      ownSessions: 1,
    },
    operator: ["block", "unblock", "unbind"],
  },
  "side by side": {
    ...{ name: "side by side", runs: [changes(0), compares], sameLast4: ["A1", "A2"], ownSessions: 0 },
    isConcurrent: true,
  },
  "old keys leak": {
    ...{ name: "old keys leak", runs: [changes(0), changes(1)], sameLast4: ["A1", "A2"], ownSessions: 1 },
    ...{ stolen: { keys: ["signing1", "hpke1"], when: "first session" }, isClockBehind: true },
  },
  "an old sealing key and a stored session": {
    ...{ name: "an old sealing key and a stored session", runs: [changes(0)], sameLast4: ["A1", "A2"], ownSessions: 1 },
    ...{ stolen: { keys: ["hpke1"], when: "start" }, hasStoredSession: true, isClockBehind: true },
  },
  "signing key stolen": {
    ...{ name: "signing key stolen", runs: [changes(0)], sameLast4: ["A1", "A2"], ownSessions: 1 },
    stolen: { keys: ["signing2"], when: "start" },
    notClaimed: {
      "agreement on what is done": signingStolen,
      "agreement on the result": signingStolen,
      "refused implies never done": signingStolen,
      "no older intent after a newer one": signingStolen,
    },
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

interface Limit {
  readonly scenario: Scenario;
  readonly fails: QueryName;
  readonly why: string;
}

/** What no rule of the protocol prevents: with all of them in force the query fails. */
export const limits: readonly Limit[] = [
  {
    scenario: {
      ...{
        name: "a device that knows the old manifest alone",
        runs: [changes(0)],
        sameLast4: ["A1", "A2"],
        ownSessions: 0,
      },
      stolen: { keys: ["signing1", "hpke1"], when: "start" },
    },
    fails: "secrecy of the PIN",
    why:
      "A signing key leaks after it was retired, and a device has accepted no session since: it takes the old manifest, as " +
      "long as that one's day is not over by the device's clock, and a session that the relay signs with the leaked key.",
  },
  {
    scenario: {
      ...{
        name: "two cards of one person that look alike",
        runs: [changes(0)],
        sameLast4: ["A1", "A2"],
        ownSessions: 0,
      },
      isCardNamedByRelay: true,
    },
    fails: "agreement on what is done",
    why:
      "The relay names the card that the device asks for, and the person has two cards with the same last four digits, of " +
      "one program: the change goes to the other one of them. Nothing that is shown tells them apart.",
  },
  {
    scenario: scenarios["change by a code that is known"],
    fails: "bound implies meant",
    why: "The relay is told a code and knows the last eight digits: it binds a key of its own, where no present PIN is asked for.",
  },
  {
    scenario: scenarios["signing key stolen"],
    fails: "agreement on the result",
    why: "The issuer's signing key is stolen while it is in use: the relay makes answers. It learns no PIN.",
  },
];

const tooWide: readonly ScenarioName[] = [
  "change by code, then binding",
  "change by a code that is known",
  "binding by a code that is known, and the present PIN",
  "old keys leak",
];

/** With one more session of the relay's, but for those with hundreds of thousands of states then. */
export const deeperScenarios: readonly Scenario[] = Object.entries<Scenario>(scenarios)
  .filter(([name]) => !tooWide.some((each) => each === name))
  .map(([, scenario]) => ({ ...scenario, ownSessions: scenario.ownSessions + 1 }));

/** For each rule: where it is taken out, and the query that fails then. */
export const experiments = {
  "root-signs": { scenario: "two changes", fails: "secrecy of the PIN" },
  "purpose-bound": { scenario: "signing key stolen", fails: "secrecy of the PIN" },
  "seq-kept": { scenario: "old keys leak", fails: "secrecy of the PIN" },
  "seq-named": { scenario: "old keys leak", fails: "secrecy of the PIN" },
  nonce: { scenario: "an old sealing key and a stored session", fails: "secrecy of the PIN" },
  "card-named": { scenario: "two changes", fails: "agreement on what is done" },
  "person-checked": { scenario: "reveals", fails: "secrecy of the PIN" },
  "device-checked": { scenario: "card blocked for a while, device unbound", fails: "nothing by an unbound device" },
  "version-checked": { scenario: "two changes", fails: "no older intent after a newer one" },
  "digits-sealed": { scenario: "binding by a person who types codes anywhere", fails: "bound implies meant" },
  "holder-shown": { scenario: "binding for a card that the relay names", fails: "bound implies meant" },
  "key-in-session": { scenario: "binding", fails: "bound implies meant" },
  "key-proved": { scenario: "binding", fails: "bound implies meant" },
  "one-answer": { scenario: "change and comparison", fails: "agreement on what is done" },
  "code-limits": { scenario: "guessed codes", fails: "bound implies meant" },
  "hash-in-info": { scenario: "binding", fails: "bound implies meant" },
  "hash-in-signature": { scenario: "reveals", fails: "agreement on what is done" },
  labels: { scenario: "reveal by a device that signs texts", fails: "secrecy of the PIN" },
  "answers-signed": { scenario: "two changes", fails: "agreement on the result" },
  "answer-names-message": { scenario: "change by a code that is known", fails: "agreement on the result" },
  "refusal-spends": { scenario: "card blocked for a while, device unbound", fails: "refused implies never done" },
  "one-statement": { scenario: "side by side", fails: "agreement on what is done" },
  "code-first": { scenario: "change by code, then binding", fails: "secrecy of the PIN" },
  "one-time-key-signed": { scenario: "reveals", fails: "secrecy of the PIN" },
  "constant-size": { scenario: "two changes", fails: "secrecy of the PIN" },
  "hpke-from-manifest": { scenario: "signing key stolen", fails: "secrecy of the PIN" },
  "signature-names-nothing": { scenario: "change and comparison", fails: "agreement on what is done" },
  "native-only": { scenario: "two changes", fails: "secrecy of the PIN" },
  "no-code-beside-device": { scenario: "change by code, then binding", fails: "no older intent after a newer one" },
  "relay-unbinds-nothing": { scenario: "two changes", fails: "unbound implies meant" },
  "present-pin-of-any-card": {
    scenario: "binding by a code that is known, and the present PIN",
    fails: "bound implies meant",
  },
  "present-pin-not-by-code": {
    scenario: "binding by a code that is known, and the present PIN",
    fails: "bound implies meant",
  },
} as const satisfies Record<RuleName, { scenario: ScenarioName; fails: QueryName }>;
