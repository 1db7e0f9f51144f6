import { readdir, readFile, statfs } from 'node:fs/promises';

/** What can be seen of the machine that this process runs on. */
export interface Host {
  /** For who is not root; null where it cannot be said. */
  freeBytes(path: string): Promise<number | null>;
  /** The command line of every process, as far as it may be seen. */
  commands(): Promise<readonly (readonly string[])[]>;
}

export const thisHost: Host = {
  async freeBytes(path) {
    try {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    } catch {
      return null;
    }
  },
  async commands() {
    const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^[0-9]+$/.test(name));
    const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
    return lines.filter((line) => line !== '').map((line) => line.replace(/\0$/, '').split('\0'));
  },
};
