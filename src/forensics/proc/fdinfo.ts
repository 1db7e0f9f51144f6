export interface FdInfo {
  readonly position: number | null;
  /** Octal, as it stands there. */
  readonly flags: string | null;
  readonly mountId: number | null;
  readonly inode: number | null;
}

/** `/proc/PID/fdinfo/N` (proc_pid_fdinfo(5)): tells without asking the file's own file system. `ino` is there from Linux 5.14 on. */
export function parseFdInfo(text: string): FdInfo {
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(text)?.[1] ?? null;
  const number = (name: string) => {
    const value = field(name);
    return value === null ? null : Number(value);
  };
  return { position: number('pos'), flags: field('flags'), mountId: number('mnt_id'), inode: number('ino') };
}
