/** An SQL condition: the change request is neither completed nor failed. */
export const isWaiting = `status in ('AUTHORIZATION_REQUIRED', 'CONFIRMATION_REQUIRED')`;

/** Assignments that delete what a change request holds sealed, when it is completed or failed. */
export const eraseSealed = `pin_key_id = null, pin_sealed = null, secret_key_id = null, secret_sealed = null`;
