import { formatDuration } from './duration.ts';
import { formatPercent } from './percent.ts';
import { formatSize } from './size.ts';
import type { Unit } from './words.ts';

/** A measured value for people: `1.2 s`, `99.5 %`, `3`. */
export function formatAmount(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return formatDuration(value);
    case 'ratio':
      return formatPercent(roundedDown(value));
    case 'count':
      return String(value);
    case 'bytes':
      return formatSize(value);
    default:
      return unit satisfies never;
  }
}

/** To a hundredth of a percent, and never up: 99.999 % is not all. */
function roundedDown(share: number): number {
  return Math.floor(share * 10_000 + 1e-9) / 10_000;
}
