import { changePin, revealPin } from "@linchpin/device/adyen";
import { publishKey } from "../journey/words.ts";
import { pinToTry } from "./pin-to-try.ts";
import type { PageProtocol, Screen } from "./protocol.ts";

export const adyen: PageProtocol = {
  name: "adyen",
  title: "Adyen",
  tasks: [
    { name: "change", title: "Change the PIN", about: "as an ISO 9564 format 4 block", Screen: ChangeAdyen },
    { name: "reveal", title: "Show the PIN", about: "under a key of this call alone", Screen: RevealAdyen },
  ],
  next: (_phone, { pin }) => (pin.status === "active" ? "reveal" : "change"),
  words: [
    [/^GET \/adyen\/.*\/publicKey/, publishKey],
    [
      /^POST \/adyen\/.*\/pins\/change/,
      {
        device: "wraps a fresh AES key by RSA, enciphers the PIN block under it, and wipes both",
        partner: "sees a wrapped key and an ISO 9564 format 4 block",
        issuer: "unwraps the key in the vault, deciphers the block, seals the PIN for its store",
        unsuccessful: { unavailable: "is not reachable for now: nothing is changed" },
        code: ({ names }) => ({
          imports: 'import { changePin, Pin } from "@linchpin/device/adyen";',
          calls: `${pinToTry}
await changePin({ relay, paymentInstrumentId: "${names["adyen"]}", pin });`,
        }),
      },
    ],
    [
      /^POST \/adyen\/.*\/pins\/reveal/,
      {
        device: "wraps a fresh AES key by RSA, for the answer alone",
        partner: "sees a wrapped key, and back a block that only that key deciphers",
        partnerOfRefusal: "sees a wrapped key, and back a refusal",
        issuer: "opens the stored PIN and enciphers it for this one device",
        code: ({ names }) => ({
          imports: 'import { revealPin } from "@linchpin/device/adyen";',
          calls: `const pin = await revealPin({ relay, paymentInstrumentId: "${names["adyen"]}" });
pin.wipe(); // once it was shown`,
        }),
      },
    ],
  ],
};

function ChangeAdyen({ phone: { cardholder, relay, trust } }: Parameters<Screen>[0]) {
  const paymentInstrumentId = cardholder.names["adyen"] ?? "";
  return (
    <linchpin-pin-change
      change={(pin, { signal }) => changePin({ relay, ...trust, paymentInstrumentId, pin, signal })}
    />
  );
}

function RevealAdyen({ phone: { cardholder, relay, trust } }: Parameters<Screen>[0]) {
  const paymentInstrumentId = cardholder.names["adyen"] ?? "";
  return <linchpin-pin-reveal reveal={({ signal }) => revealPin({ relay, ...trust, paymentInstrumentId, signal })} />;
}
