/**
 * As JSON, without UUIDs and digests: of so many random hexadecimal digits, four in a row are a test's PIN in one answer
 * of two thousand.
 */
export function withoutIdentifiers(value: unknown): string {
  return JSON.stringify(value).replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}/g, "…");
}
