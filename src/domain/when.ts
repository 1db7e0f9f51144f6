import { parseDuration } from './duration.ts';

const written = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** UTC ms: `2026-01-31` (its beginning, UTC), `2026-01-31T12:00Z`, with another offset too, or how long ago: `7d`. Null for what is none of these. */
export function parseWhen(text: string, now: number): number | null {
  const ago = parseDuration(text);
  if (ago.ok) return now - ago.value;
  if (!written.test(text)) return null;
  const at = Date.parse(text);
  // the 31st of February is taken for the 3rd of March
  return Number.isNaN(at) || !isOfMonth(text) ? null : at;
}

function isOfMonth(text: string): boolean {
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
