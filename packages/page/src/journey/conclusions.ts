/** What the phone did where it did not go on, by the error's code: goes on from "The phone". */
export const conclusions: Readonly<Record<string, string>> = {
  issuer_key_unvouched:
    "stops: the list that the issuer's root signed has no such key, so that nothing is sealed to it",
  manifest_refused: "stops: no root that it has pinned signed this list of keys, so that nothing is sealed",
  manifest_expired: "stops: the list of the issuer's keys is out of date, so that nothing is sealed",
  session_refused: "stops: the issuer's session is not for what it asked, so that nothing is sealed",
  answer_refused: "does not believe the answer: the issuer did not sign it",
  outcome_unknown: "does not know what became of it, and says so",
};
