import type { Extent } from './extents.ts';

/** An entry of a tar, as lstat says it. Names are raw. */
export interface TarEntry {
  /** Relative; that of a folder without a slash at its end. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'symlink' | 'hard-link' | 'character' | 'block' | 'fifo' | 'socket';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of the content in the archive. */
  readonly size: number;
  /** Seconds and nanoseconds, as `12.000000034`. */
  readonly times: { readonly mtime: string; readonly atime: string; readonly ctime: string };
  readonly link?: string | undefined;
  readonly device?: { readonly major: number; readonly minor: number } | undefined;
  /** Sparse: how long the file is, and where in it the content belongs. */
  readonly sparse?: { readonly size: number; readonly extents: readonly Extent[] } | undefined;
  /** The content is cut: so long is the file. */
  readonly cutFrom?: number | undefined;
}

const block = 512;
/** What an archive ends with. */
export const tarEnd = Buffer.alloc(2 * block);
/** ustar knows no sockets; GNU tar leaves them out. They come as empty files that say what they are (`PITWALL.type`). */
const typeflags = { file: '0', 'hard-link': '1', symlink: '2', character: '3', block: '4', folder: '5', fifo: '6', socket: '0' } as const;

/**
 * The blocks before the content (pax(1), "pax Interchange Format"): one of extended records with times to the nanosecond and all that
 * ustar has no room for, and the ustar header. Names that are no UTF-8 stand as they are, under `hdrcharset=BINARY`.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const { name, link, map, size, records } = partsOf(entry);
  const body = Buffer.from(records, 'latin1');
  const extended = ustar({ name: 'pax', type: 'x', size: body.length, mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', device: undefined });
  const main = ustar({
    name: plain(name, 100) && entry.sparse === undefined ? name : 'see-pax-header',
    type: typeflags[entry.type],
    size: size > 0o77777777777 ? 0 : size,
    mode: entry.mode,
    uid: entry.uid > 0o7777777 ? 0 : entry.uid,
    gid: entry.gid > 0o7777777 ? 0 : entry.gid,
    mtime: Math.max(0, Number.parseInt(entry.times.mtime, 10)),
    link: plain(link, 100) ? link : '',
    device: entry.device,
  });
  return Buffer.concat([extended, body, padding(body.length), main, ...(map === null ? [] : [map])]);
}

/** Of the blocks before the content, without making them. */
export function tarHeaderLength(entry: TarEntry): number {
  const { records, map } = partsOf(entry);
  return 2 * block + records.length + padding(records.length).length + (map?.length ?? 0);
}

function partsOf(entry: TarEntry) {
  const name = entry.type === 'folder' ? `${entry.path}/` : entry.path;
  const { link = '', sparse } = entry;
  const map = sparse === undefined ? null : sparseMap(sparse);
  const size = entry.size + (map?.length ?? 0);
  const records: [string, string][] = [];
  // needed before the names that it speaks of
  if (!isUtf8(name) || !isUtf8(link)) records.push(['hdrcharset', 'BINARY']);
  const { mtime, atime, ctime } = entry.times;
  records.push(['mtime', mtime], ['atime', atime], ['ctime', ctime]);
  if (sparse !== undefined) {
    // https://www.gnu.org/software/tar/manual/html_node/PAX-1.html
    records.push(
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', name],
      ['GNU.sparse.realsize', `${sparse.size}`],
    );
  } else if (!plain(name, 100)) records.push(['path', name]);
  if (link !== '' && !plain(link, 100)) records.push(['linkpath', link]);
  if (size > 0o77777777777) records.push(['size', `${size}`]);
  if (entry.uid > 0o7777777) records.push(['uid', `${entry.uid}`]);
  if (entry.gid > 0o7777777) records.push(['gid', `${entry.gid}`]);
  if (entry.type === 'socket') records.push(['PITWALL.type', 'socket']);
  if (entry.cutFrom !== undefined) records.push(['PITWALL.size', `${entry.cutFrom}`]);
  return { name, link, map, size, records: records.map(([key, value]) => record(key, value)).join('') };
}

/** The zeros that fill the last block. */
export function padding(size: number): Buffer {
  return tarEnd.subarray(0, (block - (size % block)) % block);
}

/** Number of extents, then offset and length of each, filled up to whole blocks. An empty one says where the last hole ends. */
function sparseMap({ size, extents: data }: { readonly size: number; readonly extents: readonly Extent[] }): Buffer {
  const extents = [...data, { offset: size, length: 0 }];
  const text = Buffer.from(`${extents.length}\n${extents.map(({ offset, length }) => `${offset}\n${length}\n`).join('')}`);
  return Buffer.concat([text, padding(text.length)]);
}

function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`.length;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

interface Ustar {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly link: string;
  readonly device: TarEntry['device'];
}

function ustar({ name, type, size, mode, uid, gid, mtime, link, device }: Ustar): Buffer {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  bytes.write(name, 0, 100, 'latin1');
  const time = Math.min(mtime, 0o77777777777);
  bytes.write(`${octal(mode & 0o7777, 7)}${octal(uid, 7)}${octal(gid, 7)}${octal(size, 11)}${octal(time, 11)}`, 100, 'latin1');
  bytes.write(type, 156, 'latin1');
  bytes.write(link, 157, 100, 'latin1');
  bytes.write('ustar\x0000', 257, 'latin1');
  bytes.write(`${octal((device?.major ?? 0) & 0o7777777, 7)}${octal((device?.minor ?? 0) & 0o7777777, 7)}`, 329, 'latin1');
  bytes.fill(' ', 148, 156);
  let sum = 0;
  for (let i = 0; i < block; i++) sum += bytes[i] ?? 0;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

function plain(name: string, length: number): boolean {
  return name.length <= length && /^[\x20-\x7e]*$/.test(name);
}

function isUtf8(raw: string): boolean {
  const bytes = Buffer.from(raw, 'latin1');
  if (bytes.every((byte) => byte < 0x80)) return true;
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}
