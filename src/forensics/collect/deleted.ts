import { createHash } from 'node:crypto';
import { closeSync, type Stats } from 'node:fs';
import type { StepResult } from '../../domain/evidence.ts';
import { parseFdInfo } from '../proc/fdinfo.ts';
import { parseFileMappings } from '../proc/maps.ts';
import { shown } from '../proc/raw.ts';
import { readProc, readProcNow } from '../proc/read.ts';
import type { DeletedFileRecord, ProcessRef } from '../records.ts';
import { deletedMark, withoutMark } from './deleted-mark.ts';
import { createScanRoom, dataOf, isSparse, type ScanRoom } from './extents.ts';
import { fdsOf, isNamedSo, mayStat } from './open-files.ts';
import { type CollectScope, maxEntries, resultOf, type StepIo } from './request.ts';
import { openLink } from './safe-open.ts';
import { link, type MountView, mountViews } from './views.ts';
import { asJson, breathe, chunkBytes, copyExactly, writeJson } from './write.ts';

const mapsLimit = 32 << 20;
/** Memory that the kernel keeps as files nobody can name; the memory step has it. Only on the kernel's own mount: a file may be called so. */
const memory = /^\/(dev\/zero|SYSV[0-9a-f]{8}|anon_hugepage|\[aio\])$/;

interface Candidate {
  /** The kernel's link to it. */
  readonly link: string;
  /** Raw, with its mark. */
  readonly target: string;
  readonly pid: number;
  readonly fd: number | null;
}

/**
 * `files/deleted.json` and `files/deleted/N`: what has no name any more but is open or mapped, memfds among it. Holes at a file's end are
 * left out (`size` is how long it is). Value: `{ files: DeletedFileRecord[] }`.
 */
export async function collectDeleted(scope: CollectScope, maxBytes: number, { sink, signal }: StepIo): Promise<StepResult> {
  const views = mountViews(scope);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const seen = new Set<string>();
  const files: DeletedFileRecord[] = [];
  const reasons = new Set<string>();
  const room = createScanRoom();
  let [left, wanted, captured] = [maxBytes, 0, 0];
  for await (const candidate of candidatesOf(scope, views, signal)) {
    if (typeof candidate === 'string') {
      reasons.add(candidate);
      continue;
    }
    const opened = tryOpen(candidate, scope.proc, views, reasons);
    if (opened === null) continue;
    try {
      const id = `${opened.stat.dev}:${opened.stat.ino}`;
      if (seen.has(id)) continue;
      seen.add(id);
      const { there, known, whole } = await contentOf(opened, buffer, { signal, room });
      // a part of a sparse one may be nothing but its hole, and would leave no room for the others
      const length = there <= left || whole ? Math.min(known, left) : 0;
      const path = `files/deleted/${files.length}`;
      const hash = createHash('sha256');
      const file = await sink.file(path, length);
      const missing = await copyExactly({ fd: opened.fd, position: 0, length }, file, {
        buffer,
        signal,
        seen: (chunk) => void hash.update(chunk),
      });
      await file.close();
      left -= length;
      wanted += there;
      captured += length - missing;
      const source = shown(withoutMark(candidate.target));
      if (length < there) reasons.add(`${source}: ${there - length} bytes are beyond the limit`);
      if (missing > 0) reasons.add(`${source}: ${missing} bytes could not be read and are zeros`);
      const { pid, fd } = candidate;
      files.push({ path, source, pid, fd, bytes: length, size: opened.stat.size, sha256: hash.digest('hex') });
    } finally {
      closeSync(opened.fd);
    }
  }
  const value = asJson({ files });
  if (files.length === 0 && reasons.size === 0) {
    return { state: 'absent', reason: 'no deleted file is open', share: 1, bytes: 0, value };
  }
  const bytes = captured + (await writeJson(sink, 'files/deleted.json', { files }));
  return resultOf([...reasons], { share: wanted === 0 ? 0 : Math.min(captured / wanted, 0.99), bytes, value });
}

/** A sentence when something was not looked at. */
async function* candidatesOf(
  { proc, processes }: CollectScope,
  views: readonly MountView[],
  signal: AbortSignal,
): AsyncGenerator<Candidate | string> {
  let looked = 0;
  for (const process of processes) {
    for (const fd of fdsOf(proc, process.hostPid)) {
      signal.throwIfAborted();
      if (++looked > maxEntries) return void (yield `more than ${maxEntries} open files`);
      if (looked % 256 === 0) await breathe();
      const path = `${proc}/${process.hostPid}/fd/${fd}`;
      const target = link(path);
      if (!target.startsWith('/') || !target.endsWith(deletedMark)) continue;
      const { mountId } = parseFdInfo(readProcNow(`${proc}/${process.hostPid}/fdinfo/${fd}`) ?? '');
      if (mayStat(target, mountId, views) || mountId === null) yield { link: path, target, pid: process.pid, fd };
      else yield `${shown(withoutMark(target))} is on a file system that may not answer`;
    }
    yield* mappedOf(proc, process);
  }
}

async function* mappedOf(proc: string, { hostPid, pid }: ProcessRef): AsyncGenerator<Candidate> {
  const maps = await readProc(`${proc}/${hostPid}/maps`, mapsLimit);
  const files = new Set<string>();
  for (const { range, device, inode, path } of parseFileMappings(maps?.bytes.toString('latin1') ?? '')) {
    const id = `${device}:${inode}`;
    if (!path.endsWith(deletedMark) || files.has(id)) continue;
    files.add(id);
    yield { link: `${proc}/${hostPid}/map_files/${range}`, target: path, pid, fd: null };
  }
}

function tryOpen({ link: path, target }: Candidate, proc: string, views: readonly MountView[], reasons: Set<string>) {
  let opened: ReturnType<typeof openLink>;
  try {
    opened = openLink(path, views);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (!memory.test(withoutMark(target))) reasons.add(`${shown(withoutMark(target))} could not be opened (${code})`);
    return null;
  }
  if (opened === null) return null;
  const isMemory = opened.internal && memory.test(withoutMark(target));
  if (isMemory || isNamedSo(proc, target, opened.stat, views)) {
    closeSync(opened.fd);
    return null;
  }
  return opened;
}

/** Up to the end of its data, when it is sparse. `known`: so far it was looked through; `whole`: it is not sparse. */
async function contentOf({ fd, stat }: { fd: number; stat: Stats }, buffer: Buffer, scan: { signal: AbortSignal; room: ScanRoom }) {
  if (!isSparse(stat)) return { there: stat.size, known: stat.size, whole: true };
  const { extents, cut } = await dataOf(fd, stat, buffer, scan);
  const last = extents.at(-1);
  const known = last === undefined ? 0 : last.offset + last.length;
  // of what was not looked through only how much data it has is known
  return { there: cut ? Math.max(known, stat.blocks * 512) : known, known, whole: false };
}
