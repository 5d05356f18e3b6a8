/** Every route that something is sent to: whether it compares a secret that can be guessed, and what says it was wrong. */
export const comparedSecrets: Readonly<Record<string, readonly string[] | null>> = {
  "POST /solaris/v1/cards/:card_account_id/pin_update_requests": ["pin_reused"],
  "POST /solaris/v1/change_requests/:id/confirm": ["tan_invalid", "pin_reused"],
  "PUT /solaris/v1/mfa/challenges/signatures/:id": ["signature_invalid"],
  "POST /solaris/v1/persons/:person_id/mobile_number/confirm": ["tan_invalid"],
  // Client secrets and API keys are 256 bits of chance; signatures here are over what whoever asks knows.
  "POST /solaris/oauth2/token": null,
  "POST /solaris/v1/mfa/devices/:id/keys": null,
  "PUT /solaris/v1/mfa/challenges/devices/:id": null,
  // Nothing is compared with what is stored, or what is refused says nothing of it.
  "POST /solaris/v1/cards/:card_account_id/sca_pin_update_requests": null,
  "POST /solaris/v1/change_requests/:id/authorize": null,
  "POST /solaris/v1/mfa/challenges/activation": null,
  "POST /solaris/v1/mfa/challenges/devices": null,
  "POST /solaris/v1/mfa/devices": null,
  "DELETE /solaris/v1/mfa/devices/:id": null,
  "DELETE /solaris/v1/persons/:person_id/mobile_number": null,
  "POST /solaris/v1/persons/:person_id/mobile_number": null,
  "POST /solaris/v1/persons/:person_id/mobile_number/authorize": null,
  "POST /solaris/v1/persons/:person_id/accounts/:account_id/cards": null,
  "POST /solaris/v1/webhooks": null,
  "DELETE /solaris/v1/webhooks/:id": null,
};
