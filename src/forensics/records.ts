/** What a capture finds, as it stands in the JSON files of a case. Names come from a hostile container: any text, control characters escaped by JSON. */

/** A process as the capture addresses it. */
export interface ProcessRef {
  /** Its number in the /proc that is read: the host's, or that of the helper's PID namespace. */
  readonly hostPid: number;
  /** Its number in its own PID namespace (the last of NSpid). */
  readonly pid: number;
  /** The parent's number in the same namespace; 0 for the first and for those whose parent is outside. */
  readonly ppid: number;
  readonly comm: string;
}

/** `files/processes.json`: `{ "processes": [...] }`. Environment values are whole here; whatever shows them to people masks them. */
export interface ProcessRecord extends ProcessRef {
  readonly argv: readonly string[];
  readonly environment: readonly string[];
  /** Path in the container; null when it cannot be read (a kernel thread, a zombie). */
  readonly exe: string | null;
  /** Its file is gone from the disk, or was never there (memfd). */
  readonly exeDeleted: boolean;
  readonly cwd: string | null;
  readonly uid: number;
  readonly gid: number;
  /** The letter of proc(5). */
  readonly state: string;
  readonly threads: number;
  /** Clock ticks since boot. */
  readonly startTicks: number;
  readonly capEff: string;
  readonly noNewPrivs: boolean | null;
  readonly seccomp: number | null;
}

/** `files/open-files.json`: `{ "openFiles": [...] }`. */
export interface OpenFileRecord {
  readonly pid: number;
  readonly fd: number;
  /** As readlink says it: a path in the container, `socket:[…]`, `pipe:[…]`, `anon_inode:…`, `/memfd:…`. */
  readonly target: string;
  readonly kind: 'file' | 'directory' | 'device' | 'socket' | 'pipe' | 'memfd' | 'other';
  readonly deleted: boolean;
  readonly inode: number | null;
  readonly size: number | null;
  readonly flags: string | null;
  readonly position: number | null;
}

/** `files/network.json`: `{ "sockets": [...], "arp": [...], "routes": [...], "interfaces": [...], "raw": {...} }`. */
export interface SocketRecord {
  /** Who has it open; empty when nobody of the container has. */
  readonly owners: readonly { readonly pid: number; readonly fd: number }[];
  readonly protocol: 'tcp' | 'tcp6' | 'udp' | 'udp6' | 'raw' | 'raw6' | 'unix' | 'packet' | 'netlink';
  /** `10.0.0.2:8080`, `[::1]:80`, a unix path or `@abstract`. */
  readonly local: string;
  readonly remote: string | null;
  /** `listen`, `established`, …; null where there is none. */
  readonly state: string | null;
  readonly inode: number;
}

/** `files/executables.json`: `{ "executables": [...] }`; what runs, once for each file. */
export interface ExecutableRecord {
  readonly path: string;
  readonly pids: readonly number[];
  readonly deleted: boolean;
  readonly bytes: number;
  readonly sha256: string;
}

/** `files/mounts.json`: `{ "mounts": [...] }`. */
export interface MountRecord {
  readonly path: string;
  readonly type: string;
  readonly source: string;
  readonly options: string;
  readonly root: string;
}

/** `files/deleted.json`: `{ "files": [...] }`; contents are `files/deleted/N`. */
export interface DeletedFileRecord {
  /** In the case. */
  readonly path: string;
  /** As readlink says it, without ` (deleted)`. */
  readonly source: string;
  readonly pid: number;
  /** Null for one that is only mapped. */
  readonly fd: number | null;
  /** Of what was captured, and its hash. */
  readonly bytes: number;
  readonly sha256: string;
  /** How long the file is: longer, when it ends in a hole or went beyond the limit. */
  readonly size: number;
}

/** `files/tmpfs.json`: `{ "tmpfs": [...] }`; contents are tar archives `files/tmpfs/N.tar`. */
export interface TmpfsRecord {
  readonly path: string;
  readonly mount: string;
  readonly files: number;
  readonly bytes: number;
}

/** `files/memory.json`: `{ "processes": [...] }`. */
export interface MemoryRecord extends ProcessRef {
  /** What of it was resident or swapped, and what could be read; in bytes. */
  readonly wanted: number;
  readonly captured: number;
  readonly threads: number;
  /** Its ELF core is the head followed by the pages: `core` is its path in the export, `head` in the case, `pages` the entry of `checkpoint.tar`. Null when it has none (another architecture). */
  readonly core: { readonly path: string; readonly head: string; readonly pages: string; readonly bytes: number } | null;
}
