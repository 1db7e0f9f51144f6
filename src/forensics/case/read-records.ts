import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DeletedFileRecord, ExecutableRecord, OpenFileRecord, ProcessRecord, SocketRecord } from '../records.ts';

/** What a capture found, as far as it can be read: the files come from a hostile container's data, and may be cut. */
export interface CaseRecords {
  readonly processes: readonly ProcessRecord[];
  readonly sockets: readonly SocketRecord[];
  readonly openFiles: readonly OpenFileRecord[];
  readonly executables: readonly ExecutableRecord[];
  readonly deleted: readonly DeletedFileRecord[];
  /** What the engine says differs from the image: `added`, `changed`, `deleted`. */
  readonly changes: readonly { readonly path: string; readonly kind: string }[];
  /** Sentences: which of the files could not be read, or not whole. */
  readonly unreadable: readonly string[];
}

/** More than a file of records ever has; a larger one is not taken into memory. */
const longest = 256 << 20;

const count = z.number().nonnegative();
const process = {
  hostPid: count,
  pid: count,
  ppid: count,
  comm: z.string(),
};
const schemas = {
  processes: z.object({
    ...process,
    argv: z.array(z.string()),
    environment: z.array(z.string()),
    exe: z.string().nullable(),
    exeDeleted: z.boolean(),
    cwd: z.string().nullable(),
    uid: z.number(),
    gid: z.number(),
    state: z.string(),
    threads: count,
    startTicks: count,
    capEff: z.string(),
    noNewPrivs: z.boolean().nullable(),
    seccomp: z.number().nullable(),
  }),
  sockets: z.object({
    owners: z.array(z.object({ pid: count, fd: count })),
    protocol: z.enum(['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6', 'unix', 'packet', 'netlink']),
    local: z.string(),
    remote: z.string().nullable(),
    state: z.string().nullable(),
    inode: count,
  }),
  openFiles: z.object({
    pid: count,
    fd: z.number(),
    target: z.string(),
    kind: z.enum(['file', 'directory', 'device', 'socket', 'pipe', 'memfd', 'other']),
    deleted: z.boolean(),
    inode: count.nullable(),
    size: count.nullable(),
    flags: z.string().nullable(),
    position: z.number().nullable(),
  }),
  executables: z.object({ path: z.string(), pids: z.array(count), deleted: z.boolean(), bytes: count, sha256: z.string() }),
  deleted: z.object({
    path: z.string(),
    source: z.string(),
    pid: count,
    fd: z.number().nullable(),
    bytes: count,
    sha256: z.string(),
    size: count,
  }),
  changes: z.object({ path: z.string(), kind: z.string() }),
};

/** A file that was not captured gives no records. */
export async function readRecords(folder: string): Promise<CaseRecords> {
  const unreadable: string[] = [];
  const list = async <T>(path: string, key: string, schema: z.ZodType<T>): Promise<T[]> => {
    const text = await readWhole(join(folder, path), (why) => unreadable.push(`${path} ${why}`));
    if (text === null) return [];
    const items = itemsOf(text, key);
    if (items === null) unreadable.push(`${path} is not what a capture writes`);
    const read = (items ?? []).flatMap((item) => {
      const { success, data } = schema.safeParse(item);
      return success ? [data] : [];
    });
    const bad = (items ?? []).length - read.length;
    if (bad > 0) unreadable.push(`${path}: ${bad} of ${items?.length} entries cannot be read`);
    return read;
  };
  return {
    processes: await list('files/processes.json', 'processes', schemas.processes),
    sockets: await list('files/network.json', 'sockets', schemas.sockets),
    openFiles: await list('files/open-files.json', 'openFiles', schemas.openFiles),
    executables: await list('files/executables.json', 'executables', schemas.executables),
    deleted: await list('files/deleted.json', 'files', schemas.deleted),
    changes: await list('files/changes.json', 'changes', schemas.changes),
    unreadable,
  };
}

function itemsOf(text: string, key: string): unknown[] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    const items = typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>)[key] : undefined;
    return Array.isArray(items) ? items : null;
  } catch {
    return null;
  }
}

async function readWhole(path: string, tell: (why: string) => void): Promise<string | null> {
  try {
    await using handle = await open(path, 'r');
    if ((await handle.stat()).size <= longest) return await handle.readFile('utf8');
    tell('is too large to be shown');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) tell('cannot be read');
  }
  return null;
}
