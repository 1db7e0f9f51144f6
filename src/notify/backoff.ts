/** When a delivery that failed is tried again. */

const firstMs = 5_000;
const mostMs = 3_600_000;
/** After this long since the first try it is given up: what a notice is about may be older, as nothing was sent while nobody served. */
export const giveUpAfterMs = 86_400_000;

/**
 * UTC ms: 5 s after the first try, doubled with each, an hour at most, half of it by chance, so that many do not come at once; never before
 * what the other side asked for. Null: not again.
 * @param attempts tries that have failed, at least 1. `random`: from 0 to 1.
 */
export function nextTry(
  {
    now,
    firstTriedAt,
    attempts,
    retryAfterMs,
  }: { readonly now: number; readonly firstTriedAt: number; readonly attempts: number; readonly retryAfterMs: number | null },
  random: number,
): number | null {
  const step = Math.min(mostMs, firstMs * 2 ** Math.min(attempts - 1, 20));
  const at = now + Math.max(step / 2 + (step / 2) * random, retryAfterMs ?? 0);
  return at - firstTriedAt > giveUpAfterMs ? null : Math.round(at);
}

/** The header's seconds or date (RFC 9110, 10.2.3), as ms from now; null when it says nothing that can be read. */
export function retryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
