/** Who refuses in the running system, with which code, what the model's trace does where the rule is out. */
export interface Enforced {
  readonly by: "device" | "issuer" | "person";
  readonly code: string;
}

/** A rule that can be taken out. `row` is the row of the design's table that it belongs to. */
interface RuleOfTable {
  readonly row: string;
  readonly rule: string;
  readonly enforced: Enforced;
}

const device = (code: string): Enforced => ({ by: "device", code });
const issuer = (code: string): Enforced => ({ by: "issuer", code });

/** Every rule of the protocol that the model knows. Each can be taken out by itself. */
export const rules = {
  "root-signs": {
    row: "A root signs the keys, each for one purpose",
    rule: "a manifest is signed by a pinned root",
    enforced: device("manifest_refused"),
  },
  "purpose-bound": {
    row: "A root signs the keys, each for one purpose",
    rule: "a key serves only the purpose that the manifest lists it for",
    enforced: device("issuer_key_unvouched"),
  },
  "seq-kept": {
    row: "`seq` is kept, and named in the session",
    rule: "the device takes no manifest older than one that it has seen",
    enforced: device("manifest_refused"),
  },
  "seq-named": {
    row: "`seq` is kept, and named in the session",
    rule: "the device takes no manifest older than the session's `seq`",
    enforced: device("manifest_refused"),
  },
  nonce: {
    row: "The session has the device's nonce",
    rule: "the session has the nonce that the device sent",
    enforced: device("session_refused"),
  },
  "card-named": {
    row: "The session names person, card, device and version, and the deciding statement checks them",
    rule: "the session is for the card that was asked for",
    enforced: device("session_refused"),
  },
  "person-checked": {
    row: "The session names person, card, device and version, and the deciding statement checks them",
    rule: "the device's key belongs to the card's person",
    enforced: issuer("device_unknown"),
  },
  "device-checked": {
    row: "The session names person, card, device and version, and the deciding statement checks them",
    rule: "the device's key is bound when the statement decides",
    enforced: issuer("device_unknown"),
  },
  "version-checked": {
    row: "The session names person, card, device and version, and the deciding statement checks them",
    rule: "the card's version is the session's when the statement decides",
    enforced: issuer("session_stale"),
  },
  "digits-sealed": {
    row: "The code is sealed together with the last eight digits; holder and destination are shown",
    rule: "a code counts only with the last eight digits of the card's number",
    enforced: issuer("code_incorrect"),
  },
  "holder-shown": {
    row: "The code is sealed together with the last eight digits; holder and destination are shown",
    rule: "the person sees holder, last four digits and where the code went",
    enforced: { by: "person", code: "another holder is shown" },
  },
  "key-in-session": {
    row: "A fresh key for each binding, its thumbprint in the session, its signature proves it",
    rule: "the session names the key that is bound",
    enforced: issuer("session_mismatch"),
  },
  "key-proved": {
    row: "A fresh key for each binding, its thumbprint in the session, its signature proves it",
    rule: "the key that is bound signs",
    enforced: issuer("signature_invalid"),
  },
  "one-answer": {
    row: "One answer for each session; codes are counted",
    rule: "a session takes one message",
    enforced: issuer("spent"),
  },
  "code-limits": {
    row: "One answer for each session; codes are counted",
    rule: "after some wrong codes in a row none is taken",
    enforced: issuer("code_locked"),
  },
  "hash-in-info": {
    row: "`h` in `info` and in every signature, with labels that begin with FF",
    rule: "a message is sealed for one session",
    enforced: issuer("decryption_failed"),
  },
  "hash-in-signature": {
    row: "`h` in `info` and in every signature, with labels that begin with FF",
    rule: "a message is signed for one session",
    enforced: issuer("signature_invalid"),
  },
  labels: {
    row: "`h` in `info` and in every signature, with labels that begin with FF",
    rule: "what a device signs is no text of a vendor's protocol",
    enforced: issuer("signature_invalid"),
  },
  "answers-signed": {
    row: "Answers are signed, with `h` and `r`",
    rule: "the device believes signed answers alone",
    enforced: device("issuer_key_unvouched"),
  },
  "answer-names-message": {
    row: "Answers are signed, with `h` and `r`",
    rule: "an answer names the message that it is to",
    enforced: device("answer_refused"),
  },
  "refusal-spends": {
    row: "What is signed is spent, in the same statement",
    rule: "a refusal spends the session too",
    enforced: issuer("spent"),
  },
  "one-statement": {
    row: "What is signed is spent, in the same statement",
    rule: "the statement that does it looks whether the session is spent",
    enforced: issuer("spent"),
  },
  "code-first": {
    row: "Code and digits are judged before the policy",
    rule: "a PIN is looked at only where the code was right",
    enforced: issuer("code_incorrect"),
  },
  "one-time-key-signed": {
    row: "The device signs its one-time key",
    rule: "the device signs the key that a reveal is sealed to",
    enforced: issuer("signature_invalid"),
  },
  "constant-size": {
    row: "Plaintexts and answers have a constant size",
    rule: "a sealed message is as long for each PIN",
    enforced: device("129 bytes"),
  },
  "hpke-from-manifest": {
    row: "Exact `typ`; the HPKE key is the manifest's, never the session's",
    rule: "the device seals only to a key that the manifest lists",
    enforced: device("issuer_key_unvouched"),
  },
  "signature-names-nothing": {
    row: "`h` is over what was signed; the bytes of a signature identify nothing",
    rule: "the mark of a session does not depend on the bytes of its signature",
    enforced: issuer("spent"),
  },
  "native-only": {
    row: "`nativeOnly`, and no change by code beside a device",
    rule: "the card is unknown to every other protocol",
    enforced: issuer("urn:plmr:cards:connector:CARD_NOT_FOUND"),
  },
  "no-code-beside-device": {
    row: "`nativeOnly`, and no change by code beside a device",
    rule: "a person with a device changes no PIN by code",
    enforced: issuer("session_stale"),
  },
  "relay-unbinds-nothing": {
    row: "Only the operator unbinds",
    rule: "the relay's credentials unbind no device",
    enforced: issuer("caller_unknown"),
  },
  "present-pin-of-any-card": {
    row: "The present PIN binds, where a program asks for it",
    rule: "it is asked for whichever card of the person is named",
    enforced: issuer("pin_refused"),
  },
  "present-pin-not-by-code": {
    row: "The present PIN binds, where a program asks for it",
    rule: "no PIN of the person's is changed by code then",
    enforced: issuer("caller_not_allowed"),
  },
} as const satisfies Record<string, RuleOfTable>;

export type RuleName = keyof typeof rules;
export const ruleNames = Object.keys(rules) as RuleName[];

/** Rules that stand behind another one: taken out by themselves they yield no attack within the bounds. */
export const secondLines = {
  "time-proved": "the device's time is not before the session's `iat`: whatever is over by then, `seq` refuses first",
} as const;
export type SecondLine = keyof typeof secondLines;

/** The rules that are in force. */
export type Rules = ReadonlySet<RuleName | SecondLine>;
const names = [...ruleNames, ...(Object.keys(secondLines) as SecondLine[])];
export const allRules: Rules = new Set(names);
export const without = (rule: RuleName | SecondLine): Rules => new Set(names.filter((each) => each !== rule));
