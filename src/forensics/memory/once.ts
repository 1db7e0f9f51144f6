import type { Vma } from './maps.ts';

/**
 * Pages of shared mappings are kept once, with the first process that has them mapped: fifty servers on one buffer of 8 GiB would else be
 * 400 GiB of evidence, and as much longer frozen. In the cores of the others such a page is not there.
 */
export interface Once {
  /** Whether this page is met for the first time; `page` counts from the beginning of the file. */
  take(page: number): boolean;
}

/** Pages that one block of bits is for. */
const block = 32_768;

/** The set for the file of a shared mapping. Space for 128 MiB of a file is taken when its first page is met: 4 KiB. */
export function createShared(): (vma: Vma) => Once | null {
  const files = new Map<string, Once>();
  return (vma) => {
    if (!vma.shared || vma.inode === 0) return null;
    const key = `${vma.device} ${vma.inode} ${vma.path}`;
    let once = files.get(key);
    if (once === undefined) {
      once = createOnce();
      files.set(key, once);
    }
    return once;
  };
}

function createOnce(): Once {
  const blocks = new Map<number, Uint8Array>();
  return {
    take(page) {
      const number = Math.floor(page / block);
      let bits = blocks.get(number);
      if (bits === undefined) {
        bits = new Uint8Array(block / 8);
        blocks.set(number, bits);
      }
      const bit = page - number * block;
      const byte = bits[bit >> 3] ?? 0;
      const mask = 1 << (bit & 7);
      bits[bit >> 3] = byte | mask;
      return (byte & mask) === 0;
    },
  };
}
