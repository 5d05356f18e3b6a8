import Type from "typebox";

/** Compact JWE; 512 bytes are what the profile needs, and 2,048 leave room for longer kids and keys. */
const compactJwe = Type.String({ minLength: 1, maxLength: 2048 });
const keyIdentifier = Type.String({ minLength: 1, maxLength: 128 });

/** A sealed PIN in a request: a body of its own, or members of one. */
export type SealedPinRequest = Type.Static<typeof SealedPinRequest>;
export const SealedPinRequest = Type.Object(
  { encrypted_pin: compactJwe, key_id: keyIdentifier },
  { additionalProperties: false },
);
