const firstDelayMs = 1000;
const longestDelayMs = 60 * 60 * 1000;
const lifetimeMs = 5 * 24 * 60 * 60 * 1000;

/**
 * Twice as long after each failure, up to an hour, of which up to half is left to chance, so that receivers that come
 * back are not met by everything at once. The last attempt is made five days after the entry was; null: that was it.
 */
export function nextAttemptAt(
  { attempts, createdAt }: { attempts: number; createdAt: Date },
  at: Date,
  random: () => number = Math.random,
): Date | null {
  const endsAtMs = createdAt.getTime() + lifetimeMs;
  if (at.getTime() >= endsAtMs) return null;
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempts) * (1 - random() / 2);
  return new Date(Math.min(at.getTime() + delayMs, endsAtMs));
}
