import { logIn, publishKey } from "../journey/words.ts";
import type { PageProtocol } from "./protocol.ts";
import { ChangeSigningPin, ChooseSigningPin, hasSigningPin, Pay } from "./venly-screens.tsx";

export const venly: PageProtocol = {
  name: "venly",
  title: "Venly",
  tasks: [
    { name: "choose", title: "Choose a signing PIN", about: "six digits, for payments", Screen: ChooseSigningPin },
    { name: "pay", title: "Pay 20.00 €", about: "allowed by the signing PIN", Screen: Pay },
    { name: "change", title: "Change the signing PIN", about: "allowed by the old one", Screen: ChangeSigningPin },
  ],
  next: (phone) => (hasSigningPin(phone) ? "pay" : "choose"),
  words: [
    [/^POST \/venly\/auth/, logIn],
    [/^GET \/venly\/api\/security/, publishKey],
    [
      /^POST \/venly\/api\/users/,
      {
        device: "seals the signing PIN: AES-GCM under a key wrapped by RSA",
        partner: "sees an envelope that only the issuer opens",
        issuer: "opens it, and keeps an HMAC that is good for comparing alone",
        code: ({ personId }) => ({
          imports: 'import { createUser } from "@linchpin/device/venly";',
          calls: `const pin = new TextEncoder().encode("529461"); // yours: six digits as bytes, from a keypad
await createUser({ relay, reference: \`${personId} \${crypto.randomUUID()}\`, pin });`,
        }),
      },
    ],
    [
      /^PUT \/venly\/.*signing-methods/,
      {
        device: "seals the new PIN, and the old one with the body's hash",
        partner: "sees two envelopes; it can not put the proof on another body",
        issuer: "compares the old PIN, counts the try, keeps the new one as an HMAC",
      },
    ],
    [
      /^POST \/venly\/api\/transactions/,
      {
        device: "seals the signing PIN with the hash of this very payment",
        partner: "sees the payment and an envelope; neither fits another",
        issuer: "compares the PIN, spends the idempotency key, hands the payment on once",
      },
    ],
  ],
};
