import type { Cardholder } from "../cardholder.ts";

export interface CardState {
  readonly state: "active" | "blocked" | "terminated";
  readonly pin: {
    readonly status: "not_set" | "active" | "blocked";
    readonly remainingAttempts: number;
    readonly version: number;
    readonly chip: "in_sync" | "pending";
  };
}

export interface Message {
  readonly channel: string;
  readonly text: string;
  readonly sentAt: string;
}

export interface IssuerKey {
  readonly id: string;
  readonly purpose: string;
  readonly version: number;
  readonly state: string;
  readonly createdAt: string;
  readonly acceptedUntil: string | null;
}

export interface AuditEvent {
  readonly shard: number;
  readonly sequence: number;
  readonly occurredAt: string;
  readonly operation: string;
  readonly outcome: "done" | "refused";
  readonly code?: string;
  /** Of a comparison. */
  readonly result?: "match" | "mismatch" | "blocked";
  readonly hash: string;
}

export interface AuditVerification {
  readonly events: number;
  readonly intact: boolean;
}

export interface PinVerification {
  readonly result: "match" | "mismatch" | "blocked";
  readonly remainingAttempts: number;
}

/** The issuer's public API, as an operator calls it; and what the sandbox adds to it. */
export function openIssuerApi({ cardId, mobileNumber, operatorApiKey }: Cardholder) {
  const call = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${operatorApiKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(refusalIn(text));
    return text === "" ? (undefined as Answer) : JSON.parse(text);
  };
  const card = `/issuer/v1/cards/${cardId}`;
  return {
    card: () => call<CardState>("GET", card),
    setCardState: (state: CardState["state"]) => call<CardState>("PATCH", card, { state }),
    unblockPin: () => call<unknown>("POST", `${card}/pin/unblock`),
    verifyPin: (sealed: object) => call<PinVerification>("POST", `${card}/pin/verify`, sealed),
    keys: () => call<IssuerKey[]>("GET", "/issuer/v1/keys"),
    rotateKey: (purpose: string) => call<IssuerKey>("POST", `/issuer/v1/keys/${purpose}/rotate`),
    auditEvents: () =>
      lastPage((skip) =>
        call<AuditEvent[]>("GET", `/issuer/v1/audit-events?cardId=${cardId}&skip=${skip}&limit=${pageSize}`),
      ),
    messages: () => call<Message[]>("GET", `/sandbox/messages?to=${encodeURIComponent(mobileNumber)}`),
    verifyAuditChain: () => call<AuditVerification>("GET", "/sandbox/audit-chain"),
  };
}

export type IssuerApi = ReturnType<typeof openIssuerApi>;

const pageSize = 1000;

async function lastPage<Item>(read: (skip: number) => Promise<Item[]>): Promise<Item[]> {
  let last: Item[] = [];
  for (let skip = 0; ; skip += pageSize) {
    const page = await read(skip);
    last = [...last, ...page].slice(-pageSize);
    if (page.length < pageSize) return last;
  }
}

/** RFC 9457. */
function refusalIn(text: string): string {
  try {
    return String(JSON.parse(text).title);
  } catch {
    return "The issuer does not answer";
  }
}
