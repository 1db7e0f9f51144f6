import { closeSync } from 'node:fs';
import type { SinkFile, StepResult } from '../../domain/evidence.ts';
import type { Mount } from '../proc/mountinfo.ts';
import { shown } from '../proc/raw.ts';
import type { TmpfsRecord } from '../records.ts';
import { Descent, reachMount } from './descent.ts';
import { createScanRoom, dataOf, type Extent, isSparse, type ScanRoom } from './extents.ts';
import { type CollectScope, maxEntries, resultOf, type StepIo } from './request.ts';
import { handleOf, openRegular, pathOf } from './safe-open.ts';
import { padding, type TarEntry, tarEnd, tarHeader, tarHeaderLength } from './tar.ts';
import { type MountView, mountViews } from './views.ts';
import { asTarEntry, type Found, walk } from './walk.ts';
import { asJson, breathe, chunkBytes, copyExactly, gathering, writeJson, writeZeros } from './write.ts';

/**
 * `files/tmpfs.json` and `files/tmpfs/N.tar`, one for each file system in memory that the container has mounted; the engine's own are left
 * out. Value: `{ tmpfs: TmpfsRecord[] }`.
 */
export async function collectTmpfs(scope: CollectScope, maxBytes: number, io: StepIo): Promise<StepResult> {
  const records: TmpfsRecord[] = [];
  const reasons: string[] = [];
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const scan = { signal: io.signal, room: createScanRoom() };
  let [left, entries, wanted, bytes] = [maxBytes, maxEntries, 0, 0];
  for (const ways of fileSystemsOf(scope)) {
    const path = shown(ways[0]?.mount.path ?? '');
    const reached = reach(scope.proc, ways);
    if (typeof reached === 'string') {
      reasons.push(`${path}: ${reached}`);
      continue;
    }
    using descent = reached;
    const { found, reasons: missed } = await walk(descent, entries, io.signal);
    if (ways[0]?.mount.path === devices && !found.some(({ type }) => type === 'file')) continue;
    reasons.push(...missed.map((reason) => `${path}: ${reason}`));
    entries -= found.length;
    const plan = await planOf(descent, found, left, buffer, scan);
    const file = `files/tmpfs/${records.length}.tar`;
    const written = await writeTar(file, descent, plan, buffer, io);
    const content = plan.reduce((sum, { size }) => sum + size, 0);
    const there = plan.reduce((sum, one) => sum + one.content, 0);
    left -= content;
    wanted += there;
    bytes += written.bytes;
    if (content < there) reasons.push(`${path}: ${there - content} bytes of content are beyond the limit`);
    if (written.missing > 0) reasons.push(`${path}: ${written.missing} bytes could not be read and are zeros`);
    records.push({ path: file, mount: path, files: found.filter(({ type }) => type !== 'folder').length, bytes: content });
  }
  const captured = records.reduce((sum, record) => sum + record.bytes, 0);
  if (records.length === 0 && reasons.length === 0) {
    return { state: 'absent', reason: 'it has no file system in memory', share: 1, bytes: 0, value: asJson({ tmpfs: [] }) };
  }
  bytes += await writeJson(io.sink, 'files/tmpfs.json', { tmpfs: records });
  const share = records.length === 0 ? 0 : wanted === 0 ? 0.9 : captured / wanted;
  return resultOf(reasons, { share: Math.min(share, 0.99), bytes, value: asJson({ tmpfs: records }) });
}

/** Devices alone are the engine's; a file among them has been put there, as a place where few look. */
const devices = '/dev';

interface Way {
  readonly view: MountView;
  readonly mount: Mount;
}

/** Each once, with the ways to it: where it is mounted whole, or else each part of it that is. */
function fileSystemsOf(scope: CollectScope): Way[][] {
  const views = mountViews(scope);
  // the first that is mounted there: another may have been put over it
  const first = (path: string) => views[0]?.mounts.find((mount) => mount.path === path);
  const engines = [first('/sys/fs/cgroup')?.device];
  const volumes = scope.volumes.map((path) => first(path)?.id);
  const found = new Map<string, Way[]>();
  for (const view of views) {
    for (const mount of view.mounts) {
      if (mount.type !== 'tmpfs' || engines.includes(mount.device) || isMask(mount) || volumes.includes(mount.id)) continue;
      found.set(mount.device, [...(found.get(mount.device) ?? []), { view, mount }]);
    }
  }
  return [...found.values()].flatMap((ways) => {
    const whole = ways.filter(({ mount }) => mount.root === '/');
    if (whole.length > 0) return [whole];
    const roots = new Map<string, Way[]>();
    for (const way of ways) roots.set(way.mount.root, [...(roots.get(way.mount.root) ?? []), way]);
    return [...roots.values()];
  });
}

/** What the engine hides parts of /proc and /sys with. One that can be written to is somebody else's. */
function isMask({ path, options }: Mount): boolean {
  return /^\/(proc|sys)\//.test(path) && options.split(',').includes('ro');
}

/** By the first way that leads there; otherwise why not. */
function reach(proc: string, ways: readonly Way[]): Descent | string {
  let why = '';
  for (const { view, mount } of ways) {
    try {
      return new Descent(view, mount.path, reachMount(proc, view, mount));
    } catch (error) {
      why ||= error instanceof Error ? error.message : String(error);
    }
  }
  return why;
}

/** An entry with the content that it gets. */
interface Planned {
  readonly found: Found;
  /** How much content there is, and how much of it is taken. */
  readonly content: number;
  readonly size: number;
  /** Where the content is in a sparse file; null when it is the beginning of the file. */
  readonly extents: readonly Extent[] | null;
}

interface Scan {
  readonly signal: AbortSignal;
  readonly room: ScanRoom;
}

async function planOf(descent: Descent, found: readonly Found[], maxBytes: number, buffer: Buffer, scan: Scan): Promise<Planned[]> {
  const plan: Planned[] = [];
  let left = maxBytes;
  for (const one of found) {
    const planned: Planned =
      one.type === 'file' && isSparse(one)
        ? await planSparse(descent, one, left, buffer, scan)
        : { found: one, content: one.size, size: Math.min(one.size, left), extents: null };
    plan.push(planned);
    left -= planned.size;
    if (plan.length % 1024 === 0) await breathe();
  }
  return plan;
}

/** All of its data or none: a part of it would pass for the whole. */
async function planSparse(descent: Descent, found: Found, left: number, buffer: Buffer, scan: Scan): Promise<Planned> {
  const opened = openFound(descent, found);
  if (opened === null) return { found, content: found.blocks * 512, size: 0, extents: null };
  const { extents, cut } = await dataOf(opened.fd, found, buffer, scan).finally(() => closeSync(opened.fd));
  const data = extents.reduce((sum, { length }) => sum + length, 0);
  const content = cut ? Math.max(data, found.blocks * 512) : data;
  return data <= left ? { found, content, size: data, extents } : { found, content, size: 0, extents: null };
}

/** Made anew each time it is asked for: of a great many files all of them at once would not fit. */
function entryOf({ found, size, extents }: Planned): TarEntry {
  const cutFrom = extents === null && size < found.size ? found.size : undefined;
  const sparse = extents === null ? undefined : { size: found.size, extents };
  return { ...asTarEntry(found, size), cutFrom, sparse };
}

async function writeTar(path: string, descent: Descent, plan: readonly Planned[], buffer: Buffer, { sink, signal }: StepIo) {
  let total = tarEnd.length;
  for (const planned of plan) total += tarHeaderLength(entryOf(planned)) + planned.size + padding(planned.size).length;
  const file = gathering(await sink.file(path, total));
  let missing = 0;
  for (const planned of plan) {
    signal.throwIfAborted();
    await file.write(tarHeader(entryOf(planned)));
    if (planned.size > 0) missing += await writeContent(file, descent, planned, buffer, signal);
    const fill = padding(planned.size);
    if (fill.length > 0) await file.write(fill);
  }
  await file.write(tarEnd);
  await file.close();
  return { bytes: total, missing };
}

async function writeContent(
  file: SinkFile,
  descent: Descent,
  { found, size, extents }: Planned,
  buffer: Buffer,
  signal: AbortSignal,
): Promise<number> {
  const opened = openFound(descent, found);
  if (opened === null) {
    await writeZeros(file, size, signal);
    return size;
  }
  try {
    let missing = 0;
    for (const { offset, length } of extents ?? [{ offset: 0, length: size }]) {
      missing += await copyExactly({ fd: opened.fd, position: offset, length }, file, { buffer, signal });
    }
    return missing;
  } finally {
    closeSync(opened.fd);
  }
}

/** Null when the name is by now another's. */
function openFound(descent: Descent, { folder, name, inode }: Found) {
  const fd = descent.folder(folder);
  if (fd === null) return null;
  let handle = -1;
  try {
    handle = handleOf(pathOf(fd, name));
    const opened = openRegular(handle);
    if (opened === null || opened.stat.ino === inode) return opened;
    closeSync(opened.fd);
    return null;
  } catch {
    return null;
  } finally {
    if (handle >= 0) closeSync(handle);
  }
}
