/** Every route that something is sent to: whether it compares a secret that can be guessed, and what says it was wrong. */
export const comparedSecrets: Readonly<Record<string, readonly string[] | null>> = {
  "POST /venly/api/users/:userId/signing-methods": ["signing_method_incorrect"],
  "PUT /venly/api/users/:userId/signing-methods/:methodId": ["signing_method_incorrect"],
  "DELETE /venly/api/users/:userId": ["signing_method_incorrect"],
  "DELETE /venly/api/users/:userId/signing-methods/:methodId": ["signing_method_incorrect"],
  "POST /venly/api/transactions": ["signing_method_incorrect"],
  "POST /venly/api/transactions/execute": ["signing_method_incorrect"],
  // Client secrets and API keys are 256 bits of chance; signatures here are over what whoever asks knows.
  "POST /venly/auth/realms/Arkane/protocol/openid-connect/token": null,
  // Nothing is compared with what is stored, or what is refused says nothing of it.
  "POST /venly/api/users": null,
  "PUT /venly/api/users/:userId": null,
};
