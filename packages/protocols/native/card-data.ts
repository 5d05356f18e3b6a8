import { LinchpinError, secretBytes } from "@linchpin/core";

// What a card-reveal seals, 32 bytes: PAN, ASCII, zeros to 20 ‖ CVV2, ASCII, zeros to 4 ‖ YYMM, ASCII ‖ 4 zeros.

const cvv2At = 20;
const expiryAt = 24;
const end = 28;
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
  const pan = digitsOf(plaintext.subarray(0, cvv2At));
  const cvv2 = digitsOf(plaintext.subarray(cvv2At, expiryAt));
  const expiry = digitsOf(plaintext.subarray(expiryAt, end));
  const isOfForm = pan.length >= 12 && pan.length < cvv2At && cvv2.length >= 3 && expiry.length === end - expiryAt;
  if (!isOfForm || plaintext.length !== cardDataBytes || digitsOf(plaintext.subarray(end)) !== "") throw unreadable();
  return { pan, cvv2, expiry };
}

/** The digits of a field, with zeros behind. */
function digitsOf(field: Uint8Array): string {
  const zero = field.indexOf(0);
  const length = zero < 0 ? field.length : zero;
  const isOfForm = field.every((byte, index) => (index < length ? byte >= 0x30 && byte <= 0x39 : byte === 0));
  if (!isOfForm) throw unreadable();
  return String.fromCharCode(...field.subarray(0, length));
}

function unreadable(): LinchpinError {
  return new LinchpinError("decryption_failed", { reason: "not the card data of the protocol" });
}
