import { bad, good, type Parsed } from './parsed.ts';

/** `99.5%` is 0.995. A bare number is refused: 1 could be one in a hundred or all of it. */
export function parsePercent(input: unknown): Parsed<number> {
  const number = typeof input === 'string' ? /^\s*(\d{1,3}(?:\.\d{1,10})?) ?%\s*$/.exec(input)?.[1] : undefined;
  if (number === undefined) return bad(`is not a percentage (try ${guess(input)})`);
  const share = fromHundredths(Number(number));
  return share > 1 ? bad('is more than 100%') : good(share);
}

/** `99.5%`, or the share itself as a number from 0 to 1. */
export function parseRatio(input: unknown): Parsed<number> {
  if (typeof input !== 'number') return parsePercent(input);
  if (input >= 0 && input <= 1) return good(input);
  return bad(`is not a percentage or a ratio from 0 to 1 (try ${guess(input)})`);
}

export function formatPercent(share: number): string {
  return `${Number((share * 100).toFixed(6))}%`;
}

/** Divided in decimal: 99.9 / 100 in binary has a tail that no one wrote. */
function fromHundredths(percent: number): number {
  return Number((percent / 100).toPrecision(15));
}

function guess(input: unknown): string {
  const number = Number.parseFloat(String(input));
  return number >= 0 && number <= 100 ? `${number}%` : '90%';
}
