import type { StepResult } from '../../domain/evidence.ts';
import { shown } from '../proc/raw.ts';
import { readProc, readProcNow } from '../proc/read.ts';
import { parseStartTicks, parseStatus } from '../proc/status.ts';
import type { MountRecord, OpenFileRecord, ProcessRecord, ProcessRef } from '../records.ts';
import { deletedMark, withoutMark } from './deleted-mark.ts';
import { openFilesOf } from './open-files.ts';
import { type CollectScope, maxEntries, resultOf, type StepIo } from './request.ts';
import { link, type MountView, mountViews } from './views.ts';
import { breathe, writeBytes, writeList } from './write.ts';

/** As they are, for each process: `files/proc/PID/NAME`. */
const copied = ['maps', 'status', 'limits', 'cgroup', 'environ'] as const;
const copyLimit = 8 << 20;
/** Of all of them together, and of all arguments and environments in the records. */
const totalLimit = 32 << 20;
/** Processes whose files are copied: each file costs a write to the disk while the container is frozen. */
const copiedProcesses = 256;

/** `files/processes.json`, `files/open-files.json`, `files/mounts.json` and raw copies. Value: `{ processes, openFiles, mounts }`, how many. */
export async function collectProcesses(scope: CollectScope, { sink, signal }: StepIo): Promise<StepResult> {
  const views = mountViews(scope);
  const processes: ProcessRecord[] = [];
  const openFiles: OpenFileRecord[] = [];
  const reasons = new Set<string>();
  let left = totalLimit;
  for (const ref of scope.processes) {
    signal.throwIfAborted();
    const record = await recordOf(scope.proc, ref, left);
    if (record === null) {
      reasons.add('a process ended while it was read');
      continue;
    }
    processes.push(record.process);
    left -= record.bytes;
    if (record.cut) reasons.add('arguments or environments are longer than the limit');
    openFiles.push(...(await openFilesOf(scope.proc, ref, views, maxEntries - openFiles.length)));
    if (openFiles.length >= maxEntries) reasons.add(`more than ${maxEntries} open files`);
    await breathe();
  }
  const mounts = mountRecords(views);
  let bytes = await writeList(sink, 'files/processes.json', 'processes', processes);
  bytes += await writeList(sink, 'files/open-files.json', 'openFiles', openFiles);
  bytes += await writeList(sink, 'files/mounts.json', 'mounts', mounts);
  const copies = await copyFiles(scope, { sink, signal });
  if (copies.cut) reasons.add('not every file of /proc was copied whole');
  const value = { processes: processes.length, openFiles: openFiles.length, mounts: mounts.length };
  const share = scope.processes.length === 0 ? 1 : processes.length / scope.processes.length;
  return resultOf([...reasons], { share: Math.min(share, 0.99), bytes: bytes + copies.bytes, value });
}

/** Their folders' names: its number, with that of the /proc that was read where two namespaces use the same. */
export function folderNames(processes: readonly ProcessRef[]): Map<number, string> {
  const seen = new Set<number>();
  const names = new Map<number, string>();
  for (const { hostPid, pid } of processes) {
    names.set(hostPid, seen.has(pid) ? `${pid}-${hostPid}` : `${pid}`);
    seen.add(pid);
  }
  return names;
}

async function recordOf(proc: string, ref: ProcessRef, limit: number) {
  const folder = `${proc}/${ref.hostPid}`;
  const statusText = readProcNow(`${folder}/status`);
  if (statusText === null) return null;
  const status = parseStatus(statusText);
  const perFile = Math.max(4096, Math.min(copyLimit, limit));
  const argv = await readProc(`${folder}/cmdline`, perFile);
  const environment = await readProc(`${folder}/environ`, perFile);
  const exe = link(`${folder}/exe`);
  const process: ProcessRecord = {
    ...ref,
    argv: strings(argv?.bytes),
    environment: strings(environment?.bytes),
    exe: exe === '' ? null : shown(withoutMark(exe)),
    exeDeleted: exe.endsWith(deletedMark),
    cwd: shown(link(`${folder}/cwd`)) || null,
    uid: status.uid,
    gid: status.gid,
    state: status.state,
    threads: status.threads,
    startTicks: parseStartTicks(readProcNow(`${folder}/stat`) ?? ''),
    capEff: status.capEff,
    noNewPrivs: status.noNewPrivs,
    seccomp: status.seccomp,
  };
  return {
    process,
    bytes: (argv?.bytes.length ?? 0) + (environment?.bytes.length ?? 0),
    cut: argv?.cut === true || environment?.cut === true,
  };
}

/** Separated by NUL, the last one ended by it. */
function strings(bytes: Buffer | undefined): string[] {
  if (bytes === undefined || bytes.length === 0) return [];
  const text = bytes.toString('latin1');
  return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0').map(shown);
}

function mountRecords(views: readonly MountView[]): MountRecord[] {
  const all = new Map(views.flatMap(({ byId }) => [...byId]));
  return [...all.values()].map(({ path, type, source, options, root }) => ({
    path: shown(path),
    type,
    source: shown(source),
    options: shown(options),
    root: shown(root),
  }));
}

async function copyFiles({ proc, processes }: CollectScope, { sink, signal }: StepIo): Promise<{ bytes: number; cut: boolean }> {
  const names = folderNames(processes);
  let bytes = 0;
  let cut = processes.length > copiedProcesses;
  for (const { hostPid } of processes.slice(0, copiedProcesses)) {
    for (const name of copied) {
      signal.throwIfAborted();
      const content = await readProc(`${proc}/${hostPid}/${name}`, Math.min(copyLimit, totalLimit - bytes));
      if (content === null) continue;
      cut ||= content.cut;
      bytes += await writeBytes(sink, `files/proc/${names.get(hostPid)}/${name}`, content.bytes);
    }
  }
  return { bytes, cut };
}
