import { closeSync } from 'node:fs';
import type { StepResult } from '../../domain/evidence.ts';
import { type Mapping, parseFileMappings } from '../proc/maps.ts';
import { shown } from '../proc/raw.ts';
import { readProc } from '../proc/read.ts';
import type { ExecutableRecord, ProcessRef } from '../records.ts';
import { deletedMark, withoutMark } from './deleted-mark.ts';
import { openPath } from './open-path.ts';
import { type CollectScope, resultOf, type StepIo } from './request.ts';
import { openLink, openRegular } from './safe-open.ts';
import { link, type MountView, mountViews } from './views.ts';
import { asJson, chunkBytes, hashOpen, writeJson } from './write.ts';

const mapsLimit = 32 << 20;

/** Of all of them together, bytes that are hashed. A hostile container runs files of many TiB that are nothing but holes. */
const hashLimit = 8 * 2 ** 30;

/**
 * `files/executables.json`: each file that runs or is mapped to be run, hashed as it runs even when it was deleted or replaced, the
 * smallest first: a huge one must not keep the others from being hashed. Value: `{ executables: ExecutableRecord[] }`.
 */
export async function collectExecutables(scope: CollectScope, { sink, signal }: StepIo, maxBytes = hashLimit): Promise<StepResult> {
  const views = mountViews(scope);
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const hashes = new Map<string, { sha256: string; bytes: number }>();
  const found = new Map<string, { source: Source; size: number; pids: Set<number> }>();
  const failures = new Set<string>();
  const unread = ({ target }: Source) => failures.add(`${shown(withoutMark(target))} could not be read`);
  for (const process of scope.processes) {
    for (const source of await sourcesOf(scope.proc, process)) {
      signal.throwIfAborted();
      const key = `${source.key} ${source.target}`;
      const known = found.get(key);
      if (known !== undefined) {
        known.pids.add(process.pid);
        continue;
      }
      const opened = open(source, scope.proc, views);
      if (opened === null) {
        unread(source);
        continue;
      }
      closeSync(opened.fd);
      found.set(key, { source, size: opened.stat.size, pids: new Set([process.pid]) });
    }
  }
  const hashed: { record: Omit<ExecutableRecord, 'pids'>; pids: ReadonlySet<number> }[] = [];
  let left = maxBytes;
  for (const { source, pids } of [...found.values()].sort((a, b) => a.size - b.size)) {
    const opened = open(source, scope.proc, views);
    if (opened === null) {
      unread(source);
      continue;
    }
    try {
      const file = `${opened.stat.dev}:${opened.stat.ino}`;
      let hash = hashes.get(file);
      if (hash === undefined && opened.stat.size > left) {
        failures.add(`${shown(withoutMark(source.target))} was not hashed: its ${opened.stat.size} bytes are beyond the limit`);
        continue;
      }
      if (hash === undefined) {
        hash = await hashOpen(opened.fd, buffer, signal);
        hashes.set(file, hash);
        left -= hash.bytes;
      }
      hashed.push({ record: { path: shown(withoutMark(source.target)), deleted: source.target.endsWith(deletedMark), ...hash }, pids });
    } finally {
      closeSync(opened.fd);
    }
  }
  const executables = merged(hashed);
  const bytes = await writeJson(sink, 'files/executables.json', { executables });
  const share = executables.length / Math.max(1, executables.length + failures.size);
  return resultOf([...failures], { share, bytes, value: asJson({ executables }) });
}

interface Source {
  /** What is the same for the same file in another process. */
  readonly key: string;
  /** The kernel's link to it. */
  readonly link: string;
  /** Raw, with its mark when deleted. */
  readonly target: string;
  readonly mapping: Mapping | null;
}

/** The program itself, which may have left its own mapping, and each file that is mapped to be run. */
async function sourcesOf(proc: string, { hostPid }: ProcessRef): Promise<Source[]> {
  const exe = `${proc}/${hostPid}/exe`;
  const target = link(exe);
  const maps = await readProc(`${proc}/${hostPid}/maps`, mapsLimit);
  const mapped = parseFileMappings(maps?.bytes.toString('latin1') ?? '').filter(({ permissions }) => permissions[2] === 'x');
  const sources = new Map<string, Source>();
  for (const mapping of mapped) {
    const key = `${mapping.device} ${mapping.inode}`;
    const own = mapping.path === target;
    const at = own ? exe : `${proc}/${hostPid}/map_files/${mapping.range}`;
    if (!sources.has(key)) sources.set(key, { key, link: at, target: mapping.path, mapping: own ? null : mapping });
  }
  if (target !== '' && !mapped.some(({ path }) => path === target))
    sources.set('exe', { key: `exe ${hostPid}`, link: exe, target, mapping: null });
  return [...sources.values()];
}

function open({ link: path, target, mapping }: Source, proc: string, views: readonly MountView[]) {
  try {
    return openLink(path, views);
  } catch {
    // `map_files` asks for CAP_CHECKPOINT_RESTORE: without it, the name will do while the file still has it
    if (mapping === null || target.endsWith(deletedMark)) return null;
    const handle = openPath(proc, views, target);
    if (handle === null) return null;
    try {
      const opened = openRegular(handle);
      if (opened !== null && opened.stat.ino !== mapping.inode) {
        closeSync(opened.fd);
        return null;
      }
      return opened;
    } finally {
      closeSync(handle);
    }
  }
}

/** The same file by two ways is one. */
function merged(all: readonly { record: Omit<ExecutableRecord, 'pids'>; pids: ReadonlySet<number> }[]): ExecutableRecord[] {
  const found = new Map<string, ExecutableRecord>();
  for (const { record, pids } of all) {
    const key = JSON.stringify(record);
    const before = found.get(key)?.pids ?? [];
    found.set(key, { ...record, pids: [...new Set([...before, ...pids])].sort((a, b) => a - b) });
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
