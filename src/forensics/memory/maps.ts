/** A line of `/proc/PID/maps`. */
export interface Vma {
  /** Addresses in bytes, the end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
  readonly shared: boolean;
  /** Bytes into the file. */
  readonly offset: number;
  /** `fe:00` */
  readonly device: string;
  /** 0 where there is no file. */
  readonly inode: number;
  /** A path, `[heap]`, …; empty where there is none. Its characters are bytes. */
  readonly path: string;
}

/** The path may hold every character but a newline. */
const line = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([ps]) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+) *(.*)$/s;

/** Throws when a line is not as proc(5) has it. */
export function parseMaps(text: string): Vma[] {
  return text
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => {
      const found = line.exec(each);
      if (found === null) throw new Error(`not a line of /proc/PID/maps: ${JSON.stringify(each)}`);
      const [, start = '', end = '', read, write, execute, sharing, offset = '', device = '', inode, path = ''] = found;
      return {
        start: Number.parseInt(start, 16),
        end: Number.parseInt(end, 16),
        read: read === 'r',
        write: write === 'w',
        execute: execute === 'x',
        shared: sharing === 's',
        offset: Number.parseInt(offset, 16),
        device,
        inode: Number(inode),
        // The kernel escapes the newline in names, and that alone.
        path: path.replaceAll('\\012', '\n'),
      };
    });
}

/** What the kernel lends to every process: not its memory, and not all of it can be read. */
export function isKernels({ path, inode }: Vma): boolean {
  return inode === 0 && (path === '[vsyscall]' || path === '[vvar]' || path === '[vvar_vclock]');
}
