import { blockTextMistakes } from "./block-text.ts";
import { boundPinBlockMistakes, keySetMistakes, pinBlockTextMistakes } from "./bound-pin-block.ts";
import { contentCipherMistakes } from "./content-cipher.ts";
import { publicKeyMistakes } from "./ecdh.ts";
import { encodingMistakes } from "./encoding.ts";
import { pinBlockMistakes } from "./pin-block.ts";
import { rsaWrapMistakes } from "./rsa-wrap.ts";
import { jweTextMistakes, sealedDigitsMistakes } from "./sealed-digits.ts";
import { ciphertextTextMistakes, messageWrapMistakes, noncedPinMistakes, samplePinMistakes } from "./sealed-message.ts";
import { shapeMistakes } from "./shape.ts";
import { bodyHashMistakes, ecdsaMistakes } from "./signature.ts";
import { wrappedTextMistakes } from "./wrapped-text.ts";

/** What integrators get wrong, by mechanism, whichever protocol they speak. Each row has a test that makes the mistake. */
export const mistakes = {
  rsaWrap: rsaWrapMistakes,
  wrappedText: wrappedTextMistakes,
  contentCipher: contentCipherMistakes,
  jweText: jweTextMistakes,
  sealedDigits: sealedDigitsMistakes,
  ciphertextText: ciphertextTextMistakes,
  messageWrap: messageWrapMistakes,
  noncedPin: noncedPinMistakes,
  samplePin: samplePinMistakes,
  pinBlock: pinBlockMistakes,
  boundPinBlock: boundPinBlockMistakes,
  pinBlockText: pinBlockTextMistakes,
  keySet: keySetMistakes,
  blockText: blockTextMistakes,
  ecdsa: ecdsaMistakes,
  bodyHash: bodyHashMistakes,
  publicKey: publicKeyMistakes,
  encoding: encodingMistakes,
  shape: shapeMistakes,
} as const;
