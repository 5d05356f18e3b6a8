/** What stands on a card. */
export interface CardDetails {
  readonly pan: string;
  readonly cvv2: string;
  /** MM/YY */
  readonly expirationDate: string;
}
