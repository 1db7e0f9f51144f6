export interface Mount {
  readonly id: number;
  readonly parent: number;
  /** `MAJOR:MINOR`, decimal. */
  readonly device: string;
  /** What of the file system is mounted here, raw. */
  readonly root: string;
  /** Where, raw, as the process sees it. */
  readonly path: string;
  readonly options: string;
  readonly type: string;
  /** Raw. */
  readonly source: string;
}

/** `/proc/PID/mountinfo` (proc_pid_mountinfo(5)). What is mounted later comes later, and covers what was there. */
export function parseMountinfo(text: string): Mount[] {
  const found: Mount[] = [];
  for (const line of text.split('\n')) {
    const parts = line.split(' ');
    const dash = parts.indexOf('-', 6);
    const [id, parent, device, root, path, options] = parts;
    if (dash < 0 || id === undefined || parent === undefined || device === undefined) continue;
    if (root === undefined || path === undefined || options === undefined) continue;
    const names = { root: unescaped(root), path: unescaped(path), source: unescaped(parts[dash + 2] ?? '') };
    found.push({ id: Number(id), parent: Number(parent), device, options, type: parts[dash + 1] ?? '', ...names });
  }
  return found;
}

function unescaped(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Kept by the kernel of this host: reading never waits for a process or for another machine, as FUSE and NFS may do for ever. */
export function answersAtOnce({ type }: Mount): boolean {
  return localTypes.has(type);
}

const localTypes = new Set([
  'overlay',
  'tmpfs',
  'ramfs',
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'zfs',
  'f2fs',
  'vfat',
  'squashfs',
  'erofs',
  'rootfs',
  'devtmpfs',
  'proc',
  'sysfs',
  'devpts',
  'mqueue',
  'cgroup',
  'cgroup2',
]);
