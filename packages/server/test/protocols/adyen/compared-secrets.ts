/** Every route that something is sent to: whether it compares a secret that can be guessed, and what says it was wrong. */
export const comparedSecrets: Readonly<Record<string, readonly string[] | null>> = {
  "POST /adyen/bcl/v2/pins/change": ["pin_reused"],
  // Nothing is compared with what is stored, or what is refused says nothing of it.
  "POST /adyen/bcl/v2/pins/reveal": null,
  "POST /adyen/bcl/v2/paymentInstruments/reveal": null,
};
