const cards = "/worldline/card-issuing/api/v2/issuers/:issuerId/cards";

/** Every route that something is sent to: whether it compares a secret that can be guessed, and what says it was wrong. */
export const comparedSecrets: Readonly<Record<string, readonly string[] | null>> = {
  [`POST ${cards}/:cardReference/pin`]: ["pin_reused"],
  [`POST ${cards}/external-cards/:issuerCardExternalReference/pin`]: ["pin_reused"],
  [`POST ${cards}/pin`]: ["pin_reused"],
  // The client's secret is 256 bits of chance.
  "POST /worldline/token": null,
  // Nothing is compared with what is stored, or what is refused says nothing of it.
  [`POST ${cards}/:cardReference/display-pin`]: null,
  [`POST ${cards}/external-cards/:issuerCardExternalReference/display-pin`]: null,
  [`POST ${cards}/display-pin`]: null,
  [`POST ${cards}/:cardReference/reset-pin-try-counter`]: null,
  [`POST ${cards}/external-cards/:issuerCardExternalReference/reset-pin-try-counter`]: null,
  [`POST ${cards}/pin-state`]: null,
};
