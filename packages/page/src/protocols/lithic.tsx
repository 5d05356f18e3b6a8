import { changePin } from "@linchpin/device/lithic";
import { publishKey } from "../journey/words.ts";
import { pinToTry } from "./pin-to-try.ts";
import type { PageProtocol, Screen } from "./protocol.ts";

export const lithic: PageProtocol = {
  name: "lithic",
  title: "Lithic",
  tasks: [
    { name: "change", title: "Change the PIN", about: "as RSA-OAEP over a nonce and the digits", Screen: ChangeLithic },
  ],
  next: () => "change",
  words: [
    [/^GET \/lithic\/.*\.pem$/, publishKey],
    [
      /^PATCH \/lithic\/.*\/cards/,
      {
        device: "seals a fresh nonce and the digits to the key in the PEM file, and wipes them",
        partner: "sees 684 characters of base64, and sends them with its API key",
        issuer: "opens the message in the vault, remembers it and the nonce, seals the PIN for its store",
        code: ({ names }) => ({
          imports: 'import { changePin, Pin } from "@linchpin/device/lithic";',
          calls: `${pinToTry}
await changePin({ relay, cardToken: "${names["lithic"]}", pin });`,
        }),
      },
    ],
  ],
};

function ChangeLithic({ phone: { cardholder, relay, trust } }: Parameters<Screen>[0]) {
  const cardToken = cardholder.names["lithic"] ?? "";
  return <linchpin-pin-change change={(pin, { signal }) => changePin({ relay, ...trust, cardToken, pin, signal })} />;
}
