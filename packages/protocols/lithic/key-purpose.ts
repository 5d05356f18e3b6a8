/** Of the issuer's key that PINs are sealed to. Its algorithm is `RSA-OAEP-MESSAGE`. */
export const lithicKeyPurpose = "lithic-pin";

/** Where the key stands, below the base path. */
export const lithicKeyPath = "/assets/api/api.lithic.com.pub.pem";
