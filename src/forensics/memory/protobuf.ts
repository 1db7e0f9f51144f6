/**
 * Protocol Buffers, as much of them as CRIU's images need (https://protobuf.dev/programming-guides/encoding/). Written here because the
 * capture also runs in the helper image, which has no packages.
 */

/** A string's characters are bytes (latin1): names of a container need not be UTF-8. A number is whole and not negative. */
export type Value = number | bigint | boolean | string | Uint8Array;
/** Its number in the message; an undefined value is left out. */
export type Field = readonly [number: number, value: Value | undefined];

export function message(fields: readonly Field[]): Buffer {
  const out = Buffer.allocUnsafe(fields.reduce((size, [number, value]) => size + fieldSize(number, value), 0));
  let at = 0;
  for (const [number, value] of fields) at = writeField(out, at, number, value);
  return out;
}

/** What `sint32` and `sint64` are written as. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function varintSize(value: number | bigint): number {
  let size = 1;
  if (typeof value === 'bigint') for (let rest = value >> 7n; rest > 0n; rest >>= 7n) size++;
  else for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Answers the place after it. */
export function writeVarint(out: Buffer, start: number, value: number | bigint): number {
  let at = start;
  if (typeof value === 'bigint') {
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) out[at++] = Number(rest & 127n) | 128;
    out[at++] = Number(rest);
  } else {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) out[at++] = (rest % 128) | 128;
    out[at++] = rest;
  }
  return at;
}

/** Reads one varint; null when it does not end within `bytes`. */
export function readVarint(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } | null {
  let value = 0;
  for (let at = start, factor = 1; at < bytes.length; at++, factor *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * factor;
    if (byte < 128) return { value, next: at + 1 };
  }
  return null;
}

function fieldSize(number: number, value: Value | undefined): number {
  if (value === undefined) return 0;
  const tag = varintSize(number * 8);
  if (typeof value === 'boolean') return tag + 1;
  if (typeof value === 'number' || typeof value === 'bigint') return tag + varintSize(value);
  return tag + varintSize(value.length) + value.length;
}

function writeField(out: Buffer, at: number, number: number, value: Value | undefined): number {
  if (value === undefined) return at;
  if (typeof value === 'boolean') return writeVarint(out, writeVarint(out, at, number * 8), value ? 1 : 0);
  if (typeof value === 'number' || typeof value === 'bigint') return writeVarint(out, writeVarint(out, at, number * 8), value);
  const start = writeVarint(out, writeVarint(out, at, number * 8 + 2), value.length);
  if (typeof value === 'string') out.write(value, start, 'latin1');
  else out.set(value, start);
  return start + value.length;
}
