import type { PageQuery } from "@linchpin/protocols/solaris/wire";

/** As for the vendor's lists of cards. */
const defaultPageSize = 10;

/** Which entries of a list a caller asks for; pages count from 1. */
export function pageOf(query: PageQuery): { skip: number; limit: number } {
  const limit = Number(query["page[size]"] ?? defaultPageSize);
  return { skip: (Number(query["page[number]"] ?? 1) - 1) * limit, limit };
}
