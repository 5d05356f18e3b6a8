/** Of the issuer's key that PINs are sealed to. */
export const stripeKeyPurpose = "stripe-pin";
