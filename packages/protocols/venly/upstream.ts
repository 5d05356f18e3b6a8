/** A request that was checked, on its way to the upstream that carries it out. */
export interface UpstreamRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly contentType: string | undefined;
  /** As received. */
  readonly body: Uint8Array;
  /** The signed assertion of the checks: a compact JWS. */
  readonly assertion: string;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

/** Sends the request once and never again. @throws LinchpinError `upstream_failed`, `upstream_timed_out` */
export type Upstream = (request: UpstreamRequest) => Promise<UpstreamAnswer>;

/** What a sandbox adds to the issuer's half. */
export interface VenlySandbox {
  /** Carries out protected requests where the operator has set no upstream. */
  readonly upstream: Upstream;
}
