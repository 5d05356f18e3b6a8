export interface Partner {
  readonly id: string;
  readonly name: string;
  /** Whether it may register a person's first mobile number. Where it may not, an operator sets them. */
  readonly mayRegisterMobileNumbers: boolean;
  readonly createdAt: Date;
}

/** The protocol that a credential gives access to: `solaris`, `adyen`, `venly`, `plumery`. */
export type CredentialKind = string;

export interface Credential {
  readonly kind: CredentialKind;
  readonly clientId: string;
  readonly partnerId: string;
  /** SHA-256 of the secret or API key. */
  readonly secretHash: Uint8Array;
  /** What the caller may do, in the words of the protocol. Empty where the protocol has no roles. */
  readonly roles: readonly string[];
  readonly createdAt: Date;
}

export interface AccessToken {
  /** SHA-256 of the token. */
  readonly tokenHash: Uint8Array;
  readonly clientId: string;
  readonly partnerId: string;
  /** The protocol that the token is valid for. */
  readonly audience: string;
  readonly expiresAt: Date;
}

export interface Operator {
  /** SHA-256 of the API key. */
  readonly apiKeyHash: Uint8Array;
  readonly name: string;
  readonly createdAt: Date;
}
