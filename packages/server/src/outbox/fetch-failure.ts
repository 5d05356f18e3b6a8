/** By the names of errors alone: their texts are the platform's, and quote URLs. */
export function describeFetchFailure(error: unknown): string {
  const { name, code, cause } = error as { name?: string; code?: unknown; cause?: { code?: unknown } };
  return `no answer: ${String(cause?.code ?? (typeof code === "string" ? code : name))}`;
}
