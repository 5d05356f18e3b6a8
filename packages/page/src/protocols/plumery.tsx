import { revealPin } from "@linchpin/device/plumery";
import type { PageProtocol, Screen } from "./protocol.ts";

export const plumery: PageProtocol = {
  name: "plumery",
  title: "Plumery",
  tasks: [{ name: "reveal", title: "Show the PIN", about: "by ECDH, HKDF and AES-GCM", Screen: RevealPlumery }],
  words: [
    [
      /^GET \/plumery\/.*\/pin/,
      {
        device: "makes a P-256 key pair for this call alone",
        partner: "sees two public keys and a sealed PIN",
        issuer: "opens the stored PIN and seals it: ECDH, HKDF, AES-GCM",
      },
    ],
  ],
};

function RevealPlumery({ phone: { cardholder, relay } }: Parameters<Screen>[0]) {
  const cardToken = cardholder.names["plumery"] ?? "";
  return <linchpin-pin-reveal reveal={({ signal }) => revealPin({ relay, cardToken, signal })} />;
}
