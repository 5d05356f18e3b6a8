import { logIn } from "../journey/words.ts";
import { BindNative, ChangeNative, isBound, RevealNative, VerifyNative } from "./native-screens.tsx";
import type { PageProtocol } from "./protocol.ts";

export const native: PageProtocol = {
  name: "native",
  title: "Native",
  pinsRoots: true,
  tasks: [
    { name: "bind", title: "Set up this phone", about: "once: by a code and the card's digits", Screen: BindNative },
    { name: "change", title: "Change the PIN", about: "for a session that the issuer signed", Screen: ChangeNative },
    { name: "reveal", title: "Show the PIN", about: "sealed to a key of this call alone", Screen: RevealNative },
    { name: "verify", title: "Check the PIN", about: "the issuer's answer is signed", Screen: VerifyNative },
  ],
  next: ({ cardholder }, { pin }) => (!isBound(cardholder) ? "bind" : pin.status === "active" ? "reveal" : "change"),
  words: [
    [
      /^POST \/native\/v1\/sessions/,
      {
        device: "asks for a session for one operation on one card, with a nonce of its own",
        partner: "sees which card and what for; of the session it can alter nothing: the issuer signs it",
        issuer:
          "checks that card, phone and person belong together, and signs a session; if that asks for a code, it sends one",
      },
    ],
    [
      /^POST \/native\/v1\/operations/,
      {
        device: "accepts the session, seals to a key of the signed list, signs, and wipes what it sealed",
        partner: "sees a message and a signature for this one session: it can read neither, nor use them elsewhere",
        issuer: "opens the message in the vault, decides once, and signs its answer",
        successful: {
          bound: "opens code and digits: they are right; this phone is the cardholder's, and the answer is signed",
          changed: "opens the PIN in the vault, seals it for its store, and signs that it is changed",
          match: "opens the PIN in the vault: it is the card's PIN, and the answer is signed",
          revealed: "opens the stored PIN, seals it to this call's key, and signs the answer",
        },
        unsuccessful: {
          mismatch: "opens the PIN in the vault: it is not the card's PIN, and the try is counted",
          blocked: "does not compare: the PIN is blocked, after too many wrong ones",
        },
      },
    ],
    [/^POST \/native\/v1\/oauth2\/token/, logIn],
  ],
};
