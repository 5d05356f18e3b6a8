import { bindQueries } from "../bind-queries.ts";
import type { Database } from "../database/index.ts";
import type { AuditAndOutbox } from "../records.ts";
import { addAccessToken } from "./access-tokens/add-access-token.ts";
import { deleteExpiredAccessTokens } from "./access-tokens/delete-expired-access-tokens.ts";
import { findAccessToken } from "./access-tokens/find-access-token.ts";
import { addCredential } from "./credentials/add-credential.ts";
import { findCredential } from "./credentials/find-credential.ts";
import { findCredentialBySecret } from "./credentials/find-credential-by-secret.ts";
import { listCredentials } from "./credentials/list-credentials.ts";
import { revokeCredential } from "./credentials/revoke-credential.ts";
import { deleteWrongSecretCounts } from "./delete-wrong-secret-counts.ts";
import { addOperator } from "./operators/add-operator.ts";
import { deleteOperator } from "./operators/delete-operator.ts";
import { findOperator } from "./operators/find-operator.ts";
import { listOperators } from "./operators/list-operators.ts";
import { addPartner } from "./partners/add-partner.ts";
import { findPartner } from "./partners/find-partner.ts";
import { listPartners } from "./partners/list-partners.ts";
import { updatePartner } from "./partners/update-partner.ts";
import type { AccessToken, Credential, CredentialKind, Operator, Partner } from "./records.ts";
import { reserveWrongSecrets } from "./reserve-wrong-secrets.ts";

export type { AccessToken, Credential, CredentialKind, Operator, Partner } from "./records.ts";

/** Who may call: partners with their credentials and access tokens, and operators with their API keys. */
export interface CallerStore {
  /** `exists`: the id is taken. */
  addPartner(partner: Partner, auditAndOutbox: AuditAndOutbox): Promise<"added" | "exists">;
  updatePartner(
    change: Pick<Partner, "id" | "mayRegisterMobileNumbers">,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"updated" | "unknown">;
  findPartner(id: string): Promise<Partner | null>;
  /** Oldest first. */
  listPartners(): Promise<Partner[]>;

  /** `exists`: the client id is taken, or the secret is taken within its kind. */
  addCredential(
    credential: Credential,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"added" | "exists" | "partner_unknown">;
  /** Does not find revoked credentials. */
  findCredential(kind: CredentialKind, clientId: string): Promise<Credential | null>;
  /** Finds a credential by the SHA-256 of its API key, for kinds that send no client id. Does not find revoked ones. */
  findCredentialBySecret(kind: CredentialKind, secretHash: Uint8Array): Promise<Credential | null>;
  /** The credentials of a partner that are not revoked, oldest first. */
  listCredentials(partnerId: string): Promise<Omit<Credential, "secretHash">[]>;
  /**
   * Revokes the credential and deletes its access tokens. `unknown`: the partner has no such credential, or it is
   * revoked.
   */
  revokeCredential(
    credential: { partnerId: string; clientId: string },
    at: Date,
    auditAndOutbox: AuditAndOutbox,
  ): Promise<"revoked" | "unknown">;

  addAccessToken(token: AccessToken): Promise<void>;
  /**
   * Finds expired tokens too, so that the answer can say that the token is expired. Not those of revoked
   * credentials.
   */
  findAccessToken(tokenHash: Uint8Array): Promise<AccessToken | null>;
  /** Deletes the tokens that expired before `before`. Returns how many there were. */
  deleteExpiredAccessTokens(before: Date): Promise<number>;

  /**
   * Reserves up to `amount` of the wrong secrets that `name` may give in the minute of `at`, so that all servers together
   * are granted no more than `limit`. Returns how many were granted.
   */
  reserveWrongSecrets(name: string, at: Date, wanted: { amount: number; limit: number }): Promise<number>;
  /** Deletes the counts of minutes before `before`. Returns how many there were. */
  deleteWrongSecretCounts(before: Date): Promise<number>;

  /** `exists`: the name or the API key is taken. */
  addOperator(operator: Operator, auditAndOutbox: AuditAndOutbox): Promise<"added" | "exists">;
  /** Finds an operator by the SHA-256 of the API key. */
  findOperator(apiKeyHash: Uint8Array): Promise<Operator | null>;
  /** Oldest first. */
  listOperators(): Promise<Omit<Operator, "apiKeyHash">[]>;
  /** `last`: the last operator is never deleted, also when several are deleted at once. */
  deleteOperator(name: string, auditAndOutbox: AuditAndOutbox): Promise<"deleted" | "last" | "unknown">;
}

export function callerStore(database: Database): CallerStore {
  return bindQueries(database, {
    addPartner,
    updatePartner,
    findPartner,
    listPartners,
    addCredential,
    findCredential,
    findCredentialBySecret,
    listCredentials,
    revokeCredential,
    addAccessToken,
    findAccessToken,
    deleteExpiredAccessTokens,
    reserveWrongSecrets,
    deleteWrongSecretCounts,
    addOperator,
    findOperator,
    listOperators,
    deleteOperator,
  });
}
