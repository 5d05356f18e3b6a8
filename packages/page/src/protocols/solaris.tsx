import { logIn, publishKey } from "../journey/words.ts";
import { pinToTry } from "./pin-to-try.ts";
import type { PageProtocol } from "./protocol.ts";
import { BindDevice, ChangeConfirmed, ChangeSigned, isBound } from "./solaris-screens.tsx";

export const solaris: PageProtocol = {
  name: "solaris",
  title: "Solaris",
  tasks: [
    { name: "bind", title: "Set up this phone", about: "once: a key of its own, proved by a code", Screen: BindDevice },
    { name: "change", title: "Change the PIN", about: "signed by this phone", Screen: ChangeSigned },
    { name: "confirm", title: "Change the PIN by code", about: "confirmed by an SMS", Screen: ChangeConfirmed },
  ],
  next: ({ cardholder }) => (isBound(cardholder) ? "change" : "bind"),
  words: [
    [/^GET \/solaris\/v1\/cards\/(?:[^/]+\/)?pin_keys\/latest/, publishKey],
    [
      /^POST \/solaris\/.*\/pin_update_requests/,
      {
        device: "seals the PIN to the issuer's key, signs it with its own, and wipes it",
        partner: "sees a JWE and a signature: it can read neither, nor swap one for another",
        issuer: "checks the signature, opens the JWE in the vault, seals the PIN for its store",
        code: ({ personId, names }) => ({
          imports: `import { openDeviceKeys } from "@linchpin/device/keys";
import { changePin, Pin } from "@linchpin/device/solaris";`,
          calls: `const keys = openDeviceKeys(); // in a browser, where this phone was set up
${pinToTry}
await changePin({ relay, keys, personId: "${personId}", cardId: "${names["solaris"]}", pin });`,
        }),
      },
    ],
    [
      /^POST \/solaris\/.*\/sca_pin_update_requests/,
      {
        device: "seals the PIN to the issuer's key, and wipes it",
        partner: "sees a JWE that only the issuer opens",
        issuer: "opens it, and keeps the PIN sealed until the cardholder confirms",
        code: ({ personId, names }) => ({
          imports: 'import { confirmPinChange, Pin, requestPinChange } from "@linchpin/device/solaris-sca";',
          calls: `${pinToTry}
const changeRequestId = await requestPinChange({ relay, personId: "${personId}", cardId: "${names["solaris"]}", pin });
const tan = "000000"; // the one that the SMS brings
await confirmPinChange({ relay, personId: "${personId}", changeRequestId, tan });`,
        }),
      },
    ],
    [
      /^POST \/solaris\/.*\/authorize/,
      { device: "asks for a code", partner: "passes it on", issuer: "sends a TAN to the cardholder's number" },
    ],
    [
      /^POST \/solaris\/.*\/confirm/,
      { device: "sends the TAN", partner: "sees a TAN that is good once", issuer: "makes the change" },
    ],
    [
      /^POST \/solaris\/v1\/mfa\/devices/,
      {
        device: "makes a key that never leaves it, and sends the public half",
        partner: "sees a public key",
        issuer: "keeps it as unproved, and sends an OTP to the cardholder's number",
        code: ({ personId }) => ({
          imports: `import { openDeviceKeys } from "@linchpin/device/keys";
import { bindDevice, proveBinding } from "@linchpin/device/solaris";`,
          calls: `const keys = openDeviceKeys(); // in a browser
await bindDevice({ relay, keys, personId: "${personId}" });
const otp = "000000"; // the one that the SMS brings
await proveBinding({ relay, keys, personId: "${personId}", otp });`,
        }),
      },
    ],
    [
      /^PUT \/solaris\/v1\/mfa\/challenges/,
      {
        device: "signs the OTP; the OTP itself stays here",
        partner: "sees a signature",
        issuer: "checks it: this phone is the cardholder's",
      },
    ],
    [/^POST \/solaris\/oauth2\/token/, logIn],
  ],
};
