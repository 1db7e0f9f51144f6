import { formatDuration } from '../../domain/duration.ts';
import type { ObjectiveBound, Unit } from '../../domain/words.ts';

/** A measured value with its unit, as people say it. */
export function Value({ value, unit }: { readonly value: number; readonly unit: Unit }) {
  return <span class="num">{valueText(value, unit)}</span>;
}

export function valueText(value: number, unit: Unit): string {
  if (unit === 'ms') return formatDuration(value);
  if (unit === 'ratio') return shareText(value);
  return unit === 'bytes' ? bytesText(value) : String(Number(value.toFixed(2)));
}

/** `at most 30 s`, `at least 90%` */
export function objectiveText(objective: ObjectiveBound, unit: Unit): string {
  return 'max' in objective ? `at most ${valueText(objective.max, unit)}` : `at least ${valueText(objective.min, unit)}`;
}

/** Of a ratio: `93.5%`. Rounded down, as the command line has it, but never to nothing. */
export function shareText(ratio: number): string {
  const tenths = Math.floor(ratio * 1_000 + 1e-9) / 10;
  if (tenths <= 0 && ratio > 0) return '0.1%';
  return `${tenths}%`;
}

function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let i = 0;
  for (; value >= 1_024 && i < units.length - 1; i++) value /= 1_024;
  return `${Number(value.toFixed(1))} ${units[i]}`;
}
