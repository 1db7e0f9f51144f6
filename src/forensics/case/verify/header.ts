import { block, type ParsedHeader, paddingLength, parseHeader, parsePax } from '../checkpoint/tar-header.ts';
import type { ByteReader } from './byte-reader.ts';

/** All blocks that precede the content of an entry, as they stand; the reader does not go on. */
export type HeaderFound =
  | (Extract<ParsedHeader, { kind: 'entry' }> & { readonly raw: Buffer })
  | { readonly kind: 'end' | 'damaged'; readonly raw: Buffer };

/** Longer names than any of ours do not fit in this. */
const longestPax = 4096;

export async function nextHeader(reader: ByteReader): Promise<HeaderFound> {
  const raw = await reader.peek(block);
  const first = parseHeader(raw);
  if (first.kind === 'entry') return { ...first, raw: Buffer.from(raw) };
  if (first.kind !== 'pax') return { kind: first.kind, raw: Buffer.from(raw) };
  if (first.size > longestPax) return { kind: 'damaged', raw: Buffer.from(raw) };
  const length = block + first.size + paddingLength(first.size) + block;
  const whole = Buffer.from(await reader.peek(length));
  const second = parseHeader(whole.subarray(length - block), parsePax(whole.subarray(block, block + first.size)));
  return second.kind === 'entry' ? { ...second, raw: whole } : { kind: 'damaged', raw: whole };
}
