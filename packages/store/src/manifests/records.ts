/** A signed list of the issuer's keys. */
export interface KeyManifest {
  readonly seq: number;
  /** Compact JWS, served as it stands. */
  readonly jws: string;
  readonly issuedAt: Date;
}
