import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveEntries, contentOf } from '../../container/clone/archive.ts';
import type {
  DeletedFileRecord,
  ExecutableRecord,
  MemoryRecord,
  ProcessRecord,
  SocketRecord,
  TmpfsRecord,
} from '../../forensics/records.ts';
import { type Canaries, marker } from './canaries.ts';
import type { CanaryKind } from './params.ts';
import { mark } from './scripts.ts';

/** Where a canary was found in the evidence, for people; null when it is not there. */
export type Sighting = string | null;

/** What is known of a canary beside the set that it is of: for a control, of one that never was. */
export interface Wanted {
  readonly canaries: Canaries;
  readonly changed: { readonly path: string; readonly sha256: string } | null;
}

/** Larger than any list that a capture writes. */
const mostJson = 256 * 1024 * 1024;
const mostContent = 4_096;

/** Looks for one kind in the folder of a case, and nowhere else. What cannot be read is not there; a list that is damaged throws. */
export async function search(folder: string, kind: CanaryKind, wanted: Wanted): Promise<Sighting> {
  switch (kind) {
    case 'memory':
      return inMemory(folder, wanted.canaries);
    case 'process':
      return inProcesses(folder, wanted.canaries);
    case 'tmpfs':
      return inTmpfs(folder, wanted.canaries);
    case 'deleted-file':
      return inDeleted(folder, wanted.canaries);
    case 'socket':
      return inSockets(folder, wanted.canaries);
    case 'changed-binary':
      return inExecutables(folder, wanted);
    default:
      return kind satisfies never;
  }
}

export async function executablesOf(folder: string): Promise<readonly ExecutableRecord[]> {
  return (await readJson<{ executables: ExecutableRecord[] }>(folder, 'files/executables.json'))?.executables ?? [];
}

/** In the pages of the one process that was given it: in another's it would tell less. */
async function inMemory(folder: string, { token, secret }: Canaries): Promise<Sighting> {
  const processes = (await readJson<{ processes: ProcessRecord[] }>(folder, 'files/processes.json'))?.processes ?? [];
  const memory = (await readJson<{ processes: MemoryRecord[] }>(folder, 'files/memory.json'))?.processes ?? [];
  const keeper = processes.find(({ environment }) => environment.includes(`${mark}=${marker(token, 'memory')}`));
  const pages = memory.find(({ hostPid }) => keeper !== undefined && hostPid === keeper.hostPid)?.core?.pages;
  const isWanted = (name: string) => (pages === undefined ? name.startsWith('checkpoint/pages-') : name === pages);
  if (!(await exists(folder, 'checkpoint.tar'))) return null;
  for await (const { header, content } of archiveEntries(createReadStream(join(folder, 'checkpoint.tar'), { highWaterMark: 1 << 20 }))) {
    if (content === null || !isWanted(header.name.replace(/^\.\//, ''))) continue;
    if (await contains(content, Buffer.from(secret))) return `${header.name} in checkpoint.tar`;
  }
  return null;
}

async function inProcesses(folder: string, { token }: Canaries): Promise<Sighting> {
  const processes = (await readJson<{ processes: ProcessRecord[] }>(folder, 'files/processes.json'))?.processes ?? [];
  const found = processes.find(({ argv }) => argv.includes(marker(token, 'process')));
  return found === undefined ? null : `process ${found.pid} in files/processes.json`;
}

async function inTmpfs(folder: string, { token, tmpfs }: Canaries): Promise<Sighting> {
  const records = (await readJson<{ tmpfs: TmpfsRecord[] }>(folder, 'files/tmpfs.json'))?.tmpfs ?? [];
  for (const record of records) {
    if (!/^files\/tmpfs\/\d+\.tar$/.test(record.path) || !(await exists(folder, record.path))) continue;
    for await (const { header, content } of archiveEntries(createReadStream(join(folder, record.path)))) {
      if (content === null || header.name.split('/').at(-1) !== token) continue;
      if ((await contentOf(content, mostContent))?.toString() === tmpfs) return `${record.mount}/${token} in ${record.path}`;
    }
  }
  return null;
}

async function inDeleted(folder: string, { token, deleted }: Canaries): Promise<Sighting> {
  const records = (await readJson<{ files: DeletedFileRecord[] }>(folder, 'files/deleted.json'))?.files ?? [];
  const sha256 = createHash('sha256').update(deleted).digest('hex');
  for (const { path, source } of records) {
    if (!source.endsWith(`/${token}-deleted`) || !/^files\/deleted\/[\w.-]+$/.test(path) || !(await exists(folder, path))) continue;
    const content = await readFile(join(folder, path));
    // the file itself, and not what the list says of it
    if (createHash('sha256').update(content).digest('hex') === sha256) return `${source} in ${path}`;
  }
  return null;
}

async function inSockets(folder: string, { port }: Canaries): Promise<Sighting> {
  const sockets = (await readJson<{ sockets: SocketRecord[] }>(folder, 'files/network.json'))?.sockets ?? [];
  const found = sockets.find(
    ({ local, state, protocol }) => protocol.startsWith('tcp') && state === 'listen' && local.endsWith(`:${port}`),
  );
  return found === undefined ? null : `${found.local} listening in files/network.json`;
}

async function inExecutables(folder: string, { changed }: Wanted): Promise<Sighting> {
  if (changed === null) return null;
  const found = (await executablesOf(folder)).find(({ path, sha256 }) => path === changed.path && sha256 === changed.sha256);
  return found === undefined ? null : `${found.path} in files/executables.json`;
}

/** Also across the pieces that it comes in. */
async function contains(content: AsyncIterable<Uint8Array>, needle: Buffer): Promise<boolean> {
  let before: Buffer = Buffer.alloc(0);
  let found = false;
  for await (const chunk of content) {
    // read on to the end: the next entry begins behind it
    if (found) continue;
    const window = Buffer.concat([before, chunk]);
    found = window.includes(needle);
    before = window.subarray(Math.max(0, window.length - needle.length + 1));
  }
  return found;
}

async function readJson<T>(folder: string, path: string): Promise<T | null> {
  const file = join(folder, path);
  const size = await stat(file).then(
    (stats) => stats.size,
    () => null,
  );
  return size === null || size > mostJson ? null : (JSON.parse(await readFile(file, 'utf8')) as T);
}

function exists(folder: string, path: string): Promise<boolean> {
  return stat(join(folder, path)).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
