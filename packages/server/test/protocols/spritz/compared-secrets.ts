/** Every route that something is sent to: whether it compares a secret that can be guessed, and what says it was wrong. */
export const comparedSecrets: Readonly<Record<string, readonly string[] | null>> = {
  "PUT /spritz/v1/cards/:cardId/pin": ["pin_reused"],
  "POST /spritz/v1/cards/:cardId/update_pin": ["pin_reused"],
  "PUT /spritz/v1/issuing/cards/:cardId/pin": ["pin_reused"],
  // Nothing is compared with what is stored, or what is refused says nothing of it.
  "POST /spritz/v1/cards/:cardId/pin": null,
  "PATCH /spritz/v1/issuing/cards/:cardId/pin": null,
};
