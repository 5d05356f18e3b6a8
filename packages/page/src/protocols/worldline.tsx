import { changePin, type KeySet, revealPin } from "@linchpin/device/worldline";
import type { Cardholder } from "../cardholder.ts";
import { logIn } from "../journey/words.ts";
import { pinToTry } from "./pin-to-try.ts";
import type { PageProtocol, Screen } from "./protocol.ts";

export const worldline: PageProtocol = {
  name: "worldline",
  title: "Worldline",
  tasks: [
    {
      name: "change",
      title: "Set the PIN",
      about: "as a block that is bound to the card's number",
      Screen: SetWorldline,
    },
    { name: "reveal", title: "Display the PIN", about: "under a key of this call alone", Screen: DisplayWorldline },
  ],
  next: (_phone, { pin }) => (pin.status === "active" ? "reveal" : "change"),
  words: [
    [/^POST \/worldline\/token/, logIn],
    [
      /^POST \/worldline\/.*\/pin$/,
      {
        device: "wraps a fresh AES key to the bank's key set, enciphers the PIN block under it, and wipes both",
        partner: "sees a wrapped key and an ISO 9564 format 4 block",
        issuer: "unwraps the key in the vault, deciphers the block with the card's number, seals the PIN for its store",
        code: ({ names }) => ({
          imports: 'import { changePin, Pin } from "@linchpin/device/worldline";',
          calls: `${pinToTry}
await changePin({ relay, cardReference: "${names["worldline"]}", pan, keySet, pin });`,
        }),
      },
    ],
    [
      /^POST \/worldline\/.*\/display-pin$/,
      {
        device: "wraps a fresh AES key to the bank's key set, for the answer alone",
        partner: "sees a wrapped key, and back a block that only that key deciphers",
        partnerOfRefusal: "sees a wrapped key, and back a refusal",
        issuer: "opens the stored PIN and enciphers it for this one device",
        code: ({ names }) => ({
          imports: 'import { revealPin } from "@linchpin/device/worldline";',
          calls: `const pin = await revealPin({ relay, cardReference: "${names["worldline"]}", pan, keySet });
pin.wipe(); // once it was shown`,
        }),
      },
    ],
  ],
};

/** The operator's origin, which serves this page, hands over number and key set; a bank's app has them from its backend. */
function cardOf({ names, forDevice }: Cardholder): { cardReference: string; pan: string; keySet: KeySet } {
  const { pan = "", keySets } = (forDevice["worldline"] ?? {}) as { pan?: string; keySets?: Record<string, string> };
  return {
    cardReference: names["worldline"] ?? "",
    pan,
    keySet: { keyId: "01", publicKey: keySets?.["01"] ?? "" },
  };
}

function SetWorldline({ phone: { cardholder, relay, trust } }: Parameters<Screen>[0]) {
  const card = cardOf(cardholder);
  return <linchpin-pin-change change={(pin, { signal }) => changePin({ relay, ...trust, ...card, pin, signal })} />;
}

function DisplayWorldline({ phone: { cardholder, relay, trust } }: Parameters<Screen>[0]) {
  const card = cardOf(cardholder);
  return <linchpin-pin-reveal reveal={({ signal }) => revealPin({ relay, ...trust, ...card, signal })} />;
}
