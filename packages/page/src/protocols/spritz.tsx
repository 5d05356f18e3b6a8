import { changePin, revealPin } from "@linchpin/device/spritz";
import { pinToTry } from "./pin-to-try.ts";
import type { PageProtocol, Screen } from "./protocol.ts";

export const spritz: PageProtocol = {
  name: "spritz",
  title: "Spritz",
  tasks: [
    { name: "change", title: "Change the PIN", about: "as an ISO 9564 format 2 block", Screen: ChangeSpritz },
    { name: "reveal", title: "Show the PIN", about: "under a key of this call alone", Screen: RevealSpritz },
  ],
  next: (_phone, { pin }) => (pin.status === "active" ? "reveal" : "change"),
  words: [
    [
      /^PUT \/spritz\/.*\/pin$/,
      {
        device: "seals the PIN's block under a fresh AES key, wraps that to the key of the app, and wipes both",
        partner: "sees a wrapped key, an IV and 32 bytes of ciphertext",
        issuer: "unwraps the key in the vault, opens the block, seals the PIN for its store",
        code: ({ names }) => ({
          imports: 'import { changePin, Pin } from "@linchpin/device/spritz";',
          calls: `${pinToTry}
await changePin({ relay, cardId: "${names["spritz"]}", publicKey, pin }); // publicKey: the PEM in your app`,
        }),
      },
    ],
    [
      /^POST \/spritz\/.*\/pin$/,
      {
        device: "wraps a fresh AES key by RSA, for the answer alone",
        partner: "sees a wrapped key, and back a block that only that key opens",
        partnerOfRefusal: "sees a wrapped key, and back a refusal",
        issuer: "opens the stored PIN and seals it for this one device",
        code: ({ names }) => ({
          imports: 'import { revealPin } from "@linchpin/device/spritz";',
          calls: `const pin = await revealPin({ relay, cardId: "${names["spritz"]}", publicKey });
pin.wipe(); // once it was shown`,
        }),
      },
    ],
  ],
};

/** From the page's own origin, which is the operator's: an app has it compiled in. */
async function publicKeyOfOperator(): Promise<string> {
  const { spritz } = await (await fetch("/sandbox")).json();
  return spritz.publicKey;
}

function ChangeSpritz({ phone: { cardholder, relay, trust } }: Parameters<Screen>[0]) {
  const cardId = cardholder.names["spritz"] ?? "";
  return (
    <linchpin-pin-change
      change={async (pin, { signal }) =>
        changePin({ relay, ...trust, cardId, publicKey: await publicKeyOfOperator(), pin, signal })
      }
    />
  );
}

function RevealSpritz({ phone: { cardholder, relay, trust } }: Parameters<Screen>[0]) {
  const cardId = cardholder.names["spritz"] ?? "";
  return (
    <linchpin-pin-reveal
      reveal={async ({ signal }) =>
        revealPin({ relay, ...trust, cardId, publicKey: await publicKeyOfOperator(), signal })
      }
    />
  );
}
