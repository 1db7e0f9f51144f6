import { createHash, type Hash } from 'node:crypto';
import { closeSync, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { SealReading, StepResult } from '../../domain/evidence.ts';
import { rawBytes } from '../proc/raw.ts';
import { Descent } from './descent.ts';
import { type CollectScope, resultOf, type StepIo } from './request.ts';
import { handleOf, openRegular, pathOf, readFully } from './safe-open.ts';
import { mountViews } from './views.ts';
import { typeOf } from './walk.ts';
import { asJson, breathe, chunkBytes } from './write.ts';

/** What takes as long as a look at a name. */
const lookBytes = chunkBytes / 64;

/**
 * SHA-256 over what stands at each path of the writable layer: type, mode, owner, size, times, device and link, then the content of files.
 * Access times are not part of it, of what is `untimed` no times at all, and nothing mounted over it is. Value: `SealReading.layer`.
 */
export async function readLayer(
  scope: CollectScope,
  { paths, untimed, maxBytes }: { readonly paths: readonly string[]; readonly untimed: readonly string[]; readonly maxBytes: number },
  { signal }: Pick<StepIo, 'signal'>,
): Promise<StepResult> {
  const [view] = mountViews(scope);
  if (view === undefined) throw new Error('no process shows the root of its file system');
  using descent = new Descent(view, '/', handleOf(`${scope.proc}/${view.hostPid}/root`, { follow: true, folder: true }));
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let [left, files, bytes, metadataOnly, unbreathed] = [maxBytes, 0, 0, false, 0];
  // names that read the same are listed once each, and every one of them means all
  for (const path of new Set(paths)) {
    for (const raw of namesOf(descent, path)) {
      const read = hashEntry(hash, descent, raw, !untimed.includes(path), left, buffer);
      // a look at a name counts, too: there may be very many that are not there
      unbreathed += lookBytes + (read?.bytes ?? 0);
      if (unbreathed > 4 * chunkBytes) {
        unbreathed = 0;
        await breathe();
        signal.throwIfAborted();
      }
      if (read === null) continue;
      files++;
      bytes += read.bytes;
      left -= read.bytes;
      metadataOnly ||= read.left;
    }
  }
  const layer: SealReading['layer'] = { sha256: hash.digest('hex'), files, bytes, metadataOnly };
  return resultOf([], { bytes: 0, value: asJson(layer) });
}

/** The raw paths that an engine means: it writes U+FFFD for bytes that are no UTF-8, so all that read the same are meant. */
function namesOf(descent: Descent, path: string): string[] {
  const raw = rawText(path);
  if (!path.includes('\ufffd')) return [raw];
  let folders = [''];
  for (const part of path.split('/').filter(Boolean)) {
    if (!part.includes('\ufffd')) {
      folders = folders.map((folder) => `${folder}/${rawText(part)}`);
      continue;
    }
    folders = folders.flatMap((folder) => {
      const fd = descent.folder(folder.slice(1));
      if (fd === null) return [];
      const names = readdirSync(pathOf(fd), 'latin1').filter((name) => rawBytes(name).toString('utf8') === part);
      return names.sort((a, b) => (a < b ? -1 : 1)).map((name) => `${folder}/${name}`);
    });
  }
  return folders;
}

function rawText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** What there is not, or is covered by a mount, is hashed as that; null then. */
function hashEntry(
  hash: Hash,
  descent: Descent,
  path: string,
  timed: boolean,
  left: number,
  buffer: Buffer,
): { bytes: number; left: boolean } | null {
  const relative = path.replace(/^\/+/, '');
  const slash = relative.lastIndexOf('/');
  const line = (...fields: (string | bigint)[]) => hash.update(`${fields.join('\0')}\n`, 'latin1');
  const head = `${path.length} ${path}`;
  const folder = descent.covered(relative) ? null : descent.folder(slash < 0 ? '' : relative.slice(0, slash));
  const at = folder === null ? null : pathOf(folder, relative.slice(slash + 1));
  const stat = at === null ? undefined : lstatSync(rawBytes(at), { bigint: true, throwIfNoEntry: false });
  if (at === null || stat === undefined) {
    line(head, at === null ? 'not reached' : 'absent');
    return null;
  }
  const type = typeOf(stat);
  const target = type === 'symlink' ? readlinkSync(rawBytes(at), 'latin1') : '';
  const times = timed ? [stat.mtimeNs, stat.ctimeNs] : ['untimed'];
  line(head, type, stat.mode, stat.uid, stat.gid, stat.size, ...times, stat.rdev, `${target.length} ${target}`);
  if (type !== 'file' || stat.size === 0n) return { bytes: 0, left: false };
  if (stat.size > BigInt(left)) return { bytes: 0, left: true };
  return { bytes: hashContent(hash, at, Number(stat.size), buffer), left: false };
}

function hashContent(hash: Hash, at: string, size: number, buffer: Buffer): number {
  const handle = handleOf(at);
  try {
    const opened = openRegular(handle);
    if (opened === null) return 0;
    try {
      for (let done = 0; done < size; ) {
        const read = readFully(opened.fd, buffer, Math.min(buffer.length, size - done), done);
        if (read === 0) break;
        hash.update(buffer.subarray(0, read));
        done += read;
      }
      return size;
    } finally {
      closeSync(opened.fd);
    }
  } finally {
    closeSync(handle);
  }
}
