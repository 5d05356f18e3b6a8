/** Names of what a statement locks for an item. Null where it locks nothing of the kind. */
export const lockNames = {
  card: (id: string) => `card ${id}`,
  cardName: (protocol: string, name: string) => `card ${protocol} ${name}`,
  changeRequest: (id: string | null) => (id === null ? null : `change request ${id}`),
  mark: (mark: Uint8Array | null) => (mark === null ? null : `mark ${Buffer.from(mark).toString("base64")}`),
  boundKey: (thumbprint: string | null) => (thumbprint === null ? null : `bound key ${thumbprint}`),
  keyPurpose: (purpose: string) => `key purpose ${purpose}`,
  person: (id: string) => `person ${id}`,
  partner: (id: string) => `partner ${id}`,
  session: (hash: Uint8Array) => `session ${Buffer.from(hash).toString("base64")}`,
  signingMethod: (id: string) => `signing method ${id}`,
  /** Without its user: two users with one key merely go one after the other. */
  idempotencyKey: (key: string | null) => (key === null ? null : `idempotency key ${key.toLowerCase()}`),
} as const;
