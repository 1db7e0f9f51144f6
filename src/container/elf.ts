import { open } from 'node:fs/promises';

export interface Executable {
  /** The loader that the program asks for (`PT_INTERP`); null for one that is static. */
  readonly interpreter: string | null;
}

/** Reads a program's header; null for a file that is no ELF of this kind. Layout: `man 5 elf`. Any other failure to read rejects. */
export async function readExecutable(path: string): Promise<Executable | null> {
  const file = await open(path, 'r');
  try {
    const read = async (position: number, length: number) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    };
    const header = await read(0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== magic || header[5] !== littleEndian) return null;
    const wide = header[4] === 2;
    const table = wide ? Number(header.readBigUInt64LE(32)) : header.readUInt32LE(28);
    const entrySize = header.readUInt16LE(wide ? 54 : 42);
    const entries = header.readUInt16LE(wide ? 56 : 44);
    const programs = await read(table, entrySize * entries);
    for (let at = 0; at + entrySize <= programs.length; at += entrySize) {
      if (programs.readUInt32LE(at) !== ptInterp) continue;
      const position = wide ? Number(programs.readBigUInt64LE(at + 8)) : programs.readUInt32LE(at + 4);
      const length = wide ? Number(programs.readBigUInt64LE(at + 32)) : programs.readUInt32LE(at + 16);
      return { interpreter: (await read(position, length)).toString().replace(/\0+$/, '') };
    }
    return { interpreter: null };
  } finally {
    await file.close();
  }
}

const magic = 0x7f454c46;
const littleEndian = 1;
const ptInterp = 3;
