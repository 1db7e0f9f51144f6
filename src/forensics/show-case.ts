import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvidenceCase } from '../domain/evidence.ts';
import { names } from './case/case-path.ts';
import type { Manifest } from './case/manifest.ts';
import { type CaseRecords, readRecords } from './case/read-records.ts';
import { readCustody } from './case/read-signed.ts';
import type { ComparedExecutable } from './compare-executables.ts';
import type { ProcessRecord, TmpfsRecord } from './records.ts';
import type { CaseDetail } from './service.ts';
import { timelineOf } from './timeline.ts';

/** What a case tells. Of one that is pruned, or still being captured, what is known of it. */
export async function showCase(evidence: EvidenceCase, root: string, options = { openFiles: false }): Promise<CaseDetail> {
  const folder = join(root, evidence.id);
  const manifest = await read<Manifest>(folder, names.manifest);
  const records = await readRecords(folder);
  const { processes, sockets } = records;
  const custody = existsSync(folder) ? await readCustody(folder).catch(() => []) : [];
  const alert = await read<AlertFile>(folder, 'files/alert.json');
  return {
    evidence,
    processes: processes.map(withoutValues),
    sockets,
    files: [...(await strangers(folder)), ...(await inTmpfs(folder)), ...files(records)],
    ...(options.openFiles ? { openFiles: records.openFiles } : {}),
    images: (manifest?.images ?? []).map(({ role, reference, digest }) => ({
      name: role,
      reference: evidence.push.state === 'pushed' && role !== 'original' ? `${repositoryOf(evidence)}:${reference}` : reference,
      digest,
    })),
    coverage: manifest?.coverage ?? [],
    seal: manifest?.seal ?? null,
    custody: custody.map(({ at, zone, who, what }) => ({ at, zone, who, what })),
    lease: evidence.hold,
    timeline: timelineOf(evidence, manifest, custody),
    alert: alert === null ? null : alerted(alert, processes),
  };
}

/** Values of environment variables stay in the evidence. */
function withoutValues(process: ProcessRecord): Omit<ProcessRecord, 'environment'> {
  const { environment, ...shown } = process;
  void environment;
  return shown;
}

/** What runs and is not the image's. */
async function strangers(folder: string): Promise<CaseDetail['files']> {
  const compared = (await read<{ executables: ComparedExecutable[] }>(folder, 'files/executables-image.json'))?.executables ?? [];
  return compared.flatMap(({ path, comparison }) => {
    if (comparison === 'differs') return [{ path, what: 'runs, and differs from the file of the image' }];
    return comparison === 'not-in-image' ? [{ path, what: 'runs, and is not in the image' }] : [];
  });
}

/** What is nowhere on disk; an empty one tells nothing. */
async function inTmpfs(folder: string): Promise<CaseDetail['files']> {
  const listed = (await read<{ tmpfs: TmpfsRecord[] }>(folder, 'files/tmpfs.json'))?.tmpfs ?? [];
  return listed
    .filter(({ files: count }) => count > 0)
    .map(({ path, mount, files: count, bytes }) => ({
      path: mount,
      what: `tmpfs with ${count} ${count === 1 ? 'file' : 'files'}, ${bytes} bytes, kept as ${path}`,
    }));
}

interface AlertFile {
  readonly rule?: unknown;
  readonly fields?: Readonly<Record<string, string | null>>;
}

/** Whether the process that the alert is about is among those that were captured. */
function alerted(alert: AlertFile, processes: readonly ProcessRecord[]): NonNullable<CaseDetail['alert']> {
  const fields = alert.fields ?? {};
  const pid = Number(fields['proc.pid'] ?? Number.NaN);
  const virtual = Number(fields['proc.vpid'] ?? Number.NaN);
  const line = typeof fields['proc.cmdline'] === 'string' ? fields['proc.cmdline'] : null;
  const rule = typeof alert.rule === 'string' ? alert.rule : 'an alert';
  const byNumber = processes.find((one) => one.hostPid === pid || one.pid === virtual);
  const byLine = line === null ? undefined : processes.find(({ argv }) => argv.join(' ') === line);
  const found = byNumber ?? byLine;
  if (found !== undefined) return { rule, processFound: `found in memory as ${found.pid} (${found.argv.join(' ') || found.comm})` };
  if (Number.isNaN(pid) && Number.isNaN(virtual) && line === null) return { rule, processFound: 'not named by the alert' };
  return { rule, processFound: 'not found in memory: it had ended before the freeze' };
}

function files({ changes, deleted, openFiles }: CaseRecords): CaseDetail['files'] {
  return [
    ...deleted.map(({ source, pid, bytes }) => ({ path: source, what: `deleted, kept open by ${pid}, ${bytes} bytes` })),
    ...openFiles
      .filter(({ kind }) => kind === 'memfd')
      .map(({ target, pid }) => ({ path: target, what: `in memory only, open in ${pid}` })),
    ...changes.map(({ path, kind }) => ({ path, what: kind })),
  ];
}

function repositoryOf({ push }: EvidenceCase): string {
  const reference = push.reference ?? '';
  return reference.slice(0, reference.lastIndexOf(':'));
}

/** Null when it was not captured, or cannot be read. */
async function read<T>(folder: string, path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(join(folder, path), 'utf8')) as T;
  } catch {
    return null;
  }
}
