import { LinchpinError, secretBytes } from "@linchpin/core";

// What a card-reveal seals, 32 bytes: PAN, ASCII, zeros to 20 ‖ CVV2, ASCII, zeros to 4 ‖ YYMM, ASCII ‖ 4 zeros.

const cvv2At = 20;
const expiryAt = 24;
const cardDataBytes = 32;

/** ASCII digits. The caller wipes it. */
export function encodeCardData(data: {
  /** 12 to 19 digits. */
  readonly pan: Uint8Array;
  /** 3 or 4 digits. */
  readonly cvv2: Uint8Array;
  /** `YYMM` */
  readonly expiry: Uint8Array;
}): Uint8Array<ArrayBuffer> {
  const plaintext = secretBytes(cardDataBytes);
  plaintext.set(data.pan);
  plaintext.set(data.cvv2, cvv2At);
  plaintext.set(data.expiry, expiryAt);
  return plaintext;
}

/** To be shown: a screen takes strings. */
export interface RevealedCardData {
  readonly pan: string;
  readonly cvv2: string;
  /** `YYMM` */
  readonly expiry: string;
}

/** The caller wipes `plaintext`. @throws LinchpinError `decryption_failed`: not of this form */
export function decodeCardData(plaintext: Uint8Array): RevealedCardData {
  const text = String.fromCharCode(...plaintext.map((byte) => byte || 0x20)); // zeros as spaces
  const [, pan, cvv2, expiry] = /^(\d{12,19}) +(\d{4}|\d{3} )(\d{4}) {4}$/.exec(text) ?? [];
  if (!(pan && cvv2 && expiry) || text.length !== cardDataBytes) throw new LinchpinError("decryption_failed");
  return { pan, cvv2: cvv2.trim(), expiry };
}
