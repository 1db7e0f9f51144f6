import { bad, good, type Parsed } from './parsed.ts';

/** Longest first: the order in which they are written. */
const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A hundred years; more is a slip of the finger, and less than 2⁵³ ms. */
const longest = 36_500 * 86_400_000;

const written =
  /^(?:(\d+(?:\.\d+)?) ?d)? ?(?:(\d+(?:\.\d+)?) ?h)? ?(?:(\d+(?:\.\d+)?) ?m(?!s))? ?(?:(\d+(?:\.\d+)?) ?s)? ?(?:(\d+(?:\.\d+)?) ?ms)?$/;

/**
 * `250ms`, `90s`, `10m`, `4h`, `7d`, `1h30m`, also with the spaces that `formatDuration` writes. Whole ms.
 * A bare number is refused, because nobody can tell its unit; 0 needs none.
 */
export function parseDuration(input: unknown): Parsed<number> {
  if (input === 0 || input === '0') return good(0);
  if (isBareNumber(input)) return bad(`is not a duration: a number needs its unit (try ${Math.abs(Number(input))}s)`);
  if (typeof input !== 'string') return bad('is not a duration (try 90s)');
  const text = input.trim();
  const parts = text === '' || text.length > 64 ? null : written.exec(text);
  if (!parts) return bad(`is not a duration (try ${guess(text)})`);
  const ms = Math.round(units.reduce((sum, [, size], i) => sum + Number(parts[i + 1] ?? 0) * size, 0));
  return ms > longest ? bad('is longer than a hundred years (try 7d)') : good(ms);
}

/** For people: `450 ms`, `1.2 s`, `2 m 5 s`, `3 h 10 m`, `7 d`; at most two units, rounded to the smaller. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1) return `${Number(ms.toFixed(2))} ms`;
  if (Math.round(ms) < 1_000) return `${Math.round(ms)} ms`;
  if (Math.round(ms / 100) < 600) return `${Math.round(ms / 100) / 10} s`;
  for (const [big, small] of [
    [units[2], units[3]],
    [units[1], units[2]],
    [units[0], units[1]],
  ] as const) {
    const inSmall = Math.round(ms / small[1]);
    const perBig = big[1] / small[1];
    // Rounded up to a whole of the next unit: that unit writes it.
    const fits = big[0] === 'd' || inSmall < (big[0] === 'm' ? 3_600 : 1_440);
    if (!fits) continue;
    const rest = inSmall % perBig;
    return `${Math.floor(inSmall / perBig)} ${big[0]}${rest === 0 ? '' : ` ${rest} ${small[0]}`}`;
  }
  return `${ms} ms`;
}

function isBareNumber(input: unknown): boolean {
  return typeof input === 'number' ? Number.isFinite(input) : typeof input === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(input);
}

/** What was probably meant, for the hint: `7 dayz` is 7d, `2 weeks` is 14d. */
function guess(text: string): string {
  const [, number, word = ''] = /(\d+(?:\.\d+)?)\s*([a-z]*)/i.exec(text) ?? [];
  if (number === undefined || number.length > 9) return '90s';
  const name = word.toLowerCase();
  const days = name.startsWith('w') ? 7 : name.startsWith('mo') ? 30 : name.startsWith('y') ? 365 : 0;
  if (days > 0) return `${Number(number) * days}d`;
  const unit = /^(ms|mil)/.test(name) ? 'ms' : /^[dhms]/.test(name) ? name.charAt(0) : 's';
  return `${number}${unit}`;
}
