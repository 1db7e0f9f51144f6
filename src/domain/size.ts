import { bad, good, type Parsed } from './parsed.ts';

const units: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

const forPeople = [
  ['TiB', 2 ** 40],
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
] as const;

/** `64KiB`, `10MB`, `512 B`; in bytes. A bare number is refused; 0 needs no unit. */
export function parseSize(input: unknown): Parsed<number> {
  if (input === 0 || input === '0') return good(0);
  const [, number, unit] = (typeof input === 'string' && /^\s*(\d{1,15}(?:\.\d{1,6})?) ?([a-z]+)\s*$/i.exec(input)) || [];
  const factor = unit === undefined ? undefined : units[unit.toUpperCase()];
  if (number === undefined || factor === undefined) {
    const bare = /^\s*(\d{1,15})\s*$/.exec(String(input))?.[1];
    return bad(bare === undefined ? 'is not a size (try 64MiB)' : `is not a size: a number needs its unit (try ${bare}MiB)`);
  }
  const bytes = Math.round(Number(number) * factor);
  return Number.isSafeInteger(bytes) ? good(bytes) : bad('is too large a size (try 64GiB)');
}

/** For people: `64 KiB`, `1.5 GiB`, `512 B`; one decimal. */
export function formatSize(bytes: number): string {
  for (const [name, size] of forPeople) {
    // What would be written as 1024 of the smaller unit is 1 of this one.
    if (bytes / size >= 1 - 0.05 / 1024) return `${Math.round((bytes / size) * 10) / 10} ${name}`;
  }
  return `${Math.round(bytes)} B`;
}
