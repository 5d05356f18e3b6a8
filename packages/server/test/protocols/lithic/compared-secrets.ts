/** Every route that something is sent to: whether it compares a secret that can be guessed, and what says it was wrong. */
export const comparedSecrets: Readonly<Record<string, readonly string[] | null>> = {
  "PATCH /lithic/v1/cards/:card_token": ["pin_reused"],
  // A new card has no PIN that another is compared with.
  "POST /lithic/v1/cards": null,
};
