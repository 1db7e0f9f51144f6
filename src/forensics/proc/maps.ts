export interface Mapping {
  /** As the name of its entry in `map_files`: `START-END`, without leading zeros. */
  readonly range: string;
  readonly permissions: string;
  /** Of the file, `MAJOR:MINOR` in hexadecimal as it stands there. */
  readonly device: string;
  readonly inode: number;
  /** Raw; with ` (deleted)` where the kernel says so. */
  readonly path: string;
}

/** The mappings of files in `/proc/PID/maps` (proc_pid_maps(5)): those with an inode. The kernel escapes line ends in their names. */
export function parseFileMappings(text: string): Mapping[] {
  const found: Mapping[] = [];
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) [0-9a-f]+ ([0-9a-f]+:[0-9a-f]+) (\d+) *(.*)$/s.exec(line);
    if (match === null) continue;
    const [, start = '', end = '', permissions = '', device = '', inode = '', path = ''] = match;
    if (inode === '0') continue;
    const range = `${trimmed(start)}-${trimmed(end)}`;
    found.push({ range, permissions, device, inode: Number(inode), path: path.replaceAll('\\012', '\n') });
  }
  return found;
}

function trimmed(hex: string): string {
  return hex.replace(/^0+(?=.)/, '');
}
