/** Compose's own ways to write amounts; each gives null for what is none. */

const sizes: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `64m`, `1.5gb`, `1024`, `2GiB`: bytes. */
export function bytesOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : null;
  const parts = typeof value === 'string' ? /^\s*(-?\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?\s*$/i.exec(value) : null;
  if (parts === null) return null;
  return Math.trunc(Number(parts[1]) * (sizes[(parts[2] ?? '').toLowerCase()] as number));
}

const spans: Readonly<Record<string, number>> = { us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** `1m30s`, `500ms`: nanoseconds. */
export function nanosecondsOf(value: unknown): number | null {
  if (value === 0 || value === '0') return 0;
  if (typeof value !== 'string' || !/^(\d+(?:\.\d+)?(us|µs|ms|s|m|h))+$/.test(value.trim())) return null;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)/g))
    total += Number(amount) * (spans[unit ?? ''] as number);
  return Math.round(total);
}

export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : null;
}

export function booleanOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  if (/^(true|yes|y|on|1)$/i.test(value)) return true;
  return /^(false|no|n|off|0)$/i.test(value) ? false : null;
}
