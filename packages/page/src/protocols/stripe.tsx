import { changePin } from "@linchpin/device/stripe";
import { publishKey } from "../journey/words.ts";
import { pinToTry } from "./pin-to-try.ts";
import type { PageProtocol, Screen } from "./protocol.ts";

export const stripe: PageProtocol = {
  name: "stripe",
  title: "Stripe",
  tasks: [{ name: "change", title: "Change the PIN", about: "as a JWE over its bare digits", Screen: ChangeStripe }],
  next: () => "change",
  words: [
    [/^GET \/stripe\/.*\/keys/, publishKey],
    [
      /^POST \/stripe\/.*\/issuing\/cards/,
      {
        device: "seals the digits to the key of this moment, and wipes them",
        partner: "sees a JWE, and posts it as a form with its secret key",
        issuer: "unwraps the content key in the vault, opens the digits, seals the PIN for its store",
        code: ({ names }) => ({
          imports: 'import { changePin, Pin } from "@linchpin/device/stripe";',
          calls: `${pinToTry}
await changePin({ relay, cardId: "${names["stripe"]}", pin });`,
        }),
      },
    ],
  ],
};

function ChangeStripe({ phone: { cardholder, relay, trust } }: Parameters<Screen>[0]) {
  const cardId = cardholder.names["stripe"] ?? "";
  return <linchpin-pin-change change={(pin, { signal }) => changePin({ relay, ...trust, cardId, pin, signal })} />;
}
