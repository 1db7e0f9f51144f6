/**
 * Tar archives of which every byte follows from the names and sizes of what is in them, so that one flipped byte shows. POSIX ustar, with a
 * pax header only where ustar has no room (pax(1), "ustar Interchange Format"). Owner 0, mode 0600 (folders 0700), time 0.
 */
export interface TarEntry {
  /** A folder's ends with a slash. */
  readonly path: string;
  /** Of its content; 0 for a folder and for a link. */
  readonly size: number;
  /** A hard link to an entry that came before. */
  readonly link?: string | undefined;
}

export const block = 512;
/** What a tar ends with: two empty blocks. */
export const tarEnd = Buffer.alloc(2 * block);

const magic = 'ustar\u000000';
const paxName = 'pax';
/** Octal digits of a size in ustar: 8 GiB − 1. */
const largestSize = 0o77777777777;

/** All blocks that precede the content. Throws when a name cannot be in a tar. */
export function tarHeader({ path, size, link }: TarEntry): Buffer {
  for (const name of link === undefined ? [path] : [path, link]) {
    if (name === '' || name.includes('\0')) throw new Error(`${JSON.stringify(name)} cannot be a name in a tar`);
  }
  const records: [string, string][] = [];
  if (link !== undefined && !fits(link, 100)) records.push(['linkpath', link]);
  if (!fits(path, 100)) records.push(['path', path]);
  if (size > largestSize) records.push(['size', String(size)]);
  const type = link !== undefined ? '1' : path.endsWith('/') ? '5' : '0';
  const main = headerBlock({
    name: fits(path, 100) ? path : paxName,
    size: size > largestSize ? 0 : size,
    type,
    link: link !== undefined && fits(link, 100) ? link : '',
    mode: type === '5' ? 0o700 : 0o600,
  });
  if (records.length === 0) return main;
  const body = Buffer.from(records.map(([key, value]) => paxRecord(key, value)).join(''));
  const pax = headerBlock({ name: paxName, size: body.length, type: 'x', link: '', mode: 0o600 });
  return Buffer.concat([pax, body, padding(body.length), main]);
}

/** The zeros that fill an entry's last block. */
export function padding(size: number): Buffer {
  return tarEnd.subarray(0, paddingLength(size));
}

export function paddingLength(size: number): number {
  return (block - (size % block)) % block;
}

/** How long an entry is with its header and padding. */
export function entryLength(entry: TarEntry): number {
  return tarHeader(entry).length + entry.size + paddingLength(entry.size);
}

export type ParsedHeader =
  | { readonly kind: 'entry'; readonly path: string; readonly size: number; readonly type: string; readonly link: string }
  | { readonly kind: 'pax'; readonly size: number }
  | { readonly kind: 'end' }
  | { readonly kind: 'damaged' };

/** Reads one block of a header; what a pax header before it says comes with `pax`. Forgiving about everything but checksum and numbers. */
export function parseHeader(bytes: Buffer, pax: ReadonlyMap<string, string> = new Map()): ParsedHeader {
  if (bytes.length < block) return { kind: 'damaged' };
  if (bytes.equals(tarEnd.subarray(0, block))) return { kind: 'end' };
  const size = number(bytes, 124, 12);
  if (size === null || number(bytes, 148, 8) !== checksum(bytes)) return { kind: 'damaged' };
  const type = String.fromCharCode(bytes[156] ?? 0);
  if (type === 'x') return { kind: 'pax', size };
  const paxSize = pax.get('size');
  if (paxSize !== undefined && !/^\d{1,15}$/.test(paxSize)) return { kind: 'damaged' };
  return {
    kind: 'entry',
    path: pax.get('path') ?? text(bytes, 0, 100),
    size: paxSize === undefined ? size : Number(paxSize),
    type,
    link: pax.get('linkpath') ?? text(bytes, 157, 100),
  };
}

/** `LENGTH KEY=VALUE\n`, repeated. What does not follow that form ends the reading. */
export function parsePax(body: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = space < 0 ? 0 : Number(body.toString('latin1', at, space));
    const record = body.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (!Number.isInteger(length) || length <= 0 || equals < 0) break;
    found.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return found;
}

function headerBlock({ name, size, type, link, mode }: { name: string; size: number; type: string; link: string; mode: number }): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 'utf8');
  bytes.write(`${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(0, 11)}\0`, 100, 'latin1');
  bytes.write(type, 156, 'latin1');
  bytes.write(link, 157, 'utf8');
  bytes.write(magic, 257, 'latin1');
  bytes.write(`${octal(checksum(bytes), 6)}\0 `, 148, 'latin1');
  return bytes;
}

/** Of all bytes, with blanks where the checksum itself stands. */
function checksum(bytes: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < block; i++) if (i < 148 || i >= 156) sum += bytes[i] ?? 0;
  return sum;
}

function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** Plain ASCII: what a tar of another locale reads the same. */
function fits(name: string, length: number): boolean {
  return name.length <= length && /^[\x20-\x7e]*$/.test(name);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function number(bytes: Buffer, at: number, length: number): number | null {
  const digits = text(bytes, at, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

function text(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}
