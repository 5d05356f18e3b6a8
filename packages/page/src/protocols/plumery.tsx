import { revealPin } from "@linchpin/device/plumery";
import type { PageProtocol, Screen } from "./protocol.ts";

export const plumery: PageProtocol = {
  name: "plumery",
  title: "Plumery",
  tasks: [{ name: "reveal", title: "Show the PIN", about: "by ECDH, HKDF and AES-GCM", Screen: RevealPlumery }],
  next: (_phone, { pin }) => (pin.status === "not_set" ? null : "reveal"),
  words: [
    [
      /^GET \/plumery\/.*\/pin/,
      {
        device: "makes a P-256 key pair for this call alone",
        partner: "sees two public keys and a sealed PIN",
        partnerOfRefusal: "sees the phone's public key, and back a refusal",
        issuer: "opens the stored PIN and seals it: ECDH, HKDF, AES-GCM",
        code: ({ names }) => ({
          imports: 'import { revealPin } from "@linchpin/device/plumery";',
          calls: `const pin = await revealPin({ relay, cardToken: "${names["plumery"]}" });
pin.wipe(); // once it was shown`,
        }),
      },
    ],
  ],
};

function RevealPlumery({ phone: { cardholder, relay } }: Parameters<Screen>[0]) {
  const cardToken = cardholder.names["plumery"] ?? "";
  return <linchpin-pin-reveal reveal={({ signal }) => revealPin({ relay, cardToken, signal })} />;
}
