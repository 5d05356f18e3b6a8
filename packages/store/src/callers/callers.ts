import type { Consequences } from "../store.ts";

/** Who may call: partners with their credentials and tokens, operators with their API keys. Secrets are kept as SHA-256 only. */
export interface CallerStore {
  addPartner(partner: Partner, consequences: Consequences): Promise<"added" | "exists">;
  findPartner(id: string): Promise<Partner | null>;
  listPartners(): Promise<Partner[]>;

  /** `exists`: the client id, or the secret within its kind, is taken. */
  addCredential(credential: Credential, consequences: Consequences): Promise<"added" | "exists" | "partner_unknown">;
  /** Revoked ones are not found. */
  findCredential(kind: CredentialKind, clientId: string): Promise<Credential | null>;
  /** By the SHA-256 of an API key, for kinds that have no client id of their own. */
  findCredentialBySecret(kind: CredentialKind, secretHash: Uint8Array): Promise<Credential | null>;
  /** Of one partner, by age, without the revoked ones and without secrets. */
  listCredentials(partnerId: string): Promise<Omit<Credential, "secretHash">[]>;
  /** Ends the credential and every token it was given; of this partner's. `unknown` too when it was revoked before. */
  revokeCredential(
    credential: { partnerId: string; clientId: string },
    at: Date,
    consequences: Consequences,
  ): Promise<"revoked" | "unknown">;

  addAccessToken(token: AccessToken): Promise<void>;
  /** Also finds expired ones, so that the caller can be told; those of revoked credentials are gone. */
  findAccessToken(tokenHash: Uint8Array): Promise<AccessToken | null>;
  deleteExpiredAccessTokens(before: Date): Promise<number>;

  /** How many it makes under this name within the minute of `at`, this one included. */
  countWrongSecret(name: string, at: Date): Promise<number>;
  /** Of minutes before. */
  deleteWrongSecretCounts(before: Date): Promise<number>;

  /** `exists`: the name or the API key is taken. */
  addOperator(operator: Operator, consequences: Consequences): Promise<"added" | "exists">;
  /** By the SHA-256 of the API key. */
  findOperator(apiKeyHash: Uint8Array): Promise<Operator | null>;
  /** By age. */
  listOperators(): Promise<Omit<Operator, "apiKeyHash">[]>;
  /** Never the last one, however many are deleted at once. */
  deleteOperator(name: string, consequences: Consequences): Promise<"deleted" | "last" | "unknown">;
}

export interface Partner {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
}

/** Which protocol a credential opens: `solaris`, `adyen`, `venly`, `plumery`. */
export type CredentialKind = string;

export interface Credential {
  readonly kind: CredentialKind;
  readonly clientId: string;
  readonly partnerId: string;
  readonly secretHash: Uint8Array;
  /** What it may do, in the words of its protocol; empty where a protocol has no roles. */
  readonly roles: readonly string[];
  readonly createdAt: Date;
}

export interface AccessToken {
  readonly tokenHash: Uint8Array;
  readonly clientId: string;
  readonly partnerId: string;
  /** The protocol it is good for; a token of another audience is refused. */
  readonly audience: string;
  readonly expiresAt: Date;
}

export interface Operator {
  readonly apiKeyHash: Uint8Array;
  readonly name: string;
  readonly createdAt: Date;
}
