/** Every route that something is sent to: whether it compares a secret that can be guessed, and what says it was wrong. */
export const comparedSecrets: Readonly<Record<string, readonly string[] | null>> = {
  "POST /native/v1/operations": ["code_incorrect", "mismatch", "pin_reused"],
  // A code is sent, and none is compared.
  "POST /native/v1/sessions": null,
  "POST /native/v1/oauth2/token": null,
};
