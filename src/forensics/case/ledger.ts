import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FailedError } from '../../domain/errors.ts';
import { names, reserveName } from './case-path.ts';
import type { CutFile } from './checkpoint/mend-tar.ts';
import { isFull, writeFailure } from './space.ts';

/** SHA-256 as it was written, which is what gets signed. */
export interface WrittenFile {
  readonly bytes: number;
  readonly sha256: string;
}

/** What a case's writer keeps of its files. */
export interface Ledger {
  readonly folder: string;
  /** Files that are shorter than they should be. */
  readonly cut: CutFile[];
  /** Of files that were closed whole. */
  readonly written: Map<string, WrittenFile>;
  /** May not be on the disk yet. */
  readonly unsynced: Set<string>;
  /** What the system said, told with path and free space; on a full disk the reserve is given up first. */
  failure(error: unknown, path: string): Promise<FailedError>;
}

/** Kept from the start, so that a full disk still takes the end of the archive, the manifest and the signature. */
export const reserve = 4 << 20;
/** What a cut file gives back to a full disk. */
export const giveBack = 256 << 10;

export function openLedger(folder: string, cut: readonly CutFile[]): Ledger {
  return {
    folder,
    cut: [...cut],
    written: new Map(),
    unsynced: new Set([names.key]),
    async failure(error, path) {
      const told = writeFailure(error, folder, path);
      if (isFull(error)) await rm(join(folder, reserveName), { force: true });
      return told;
    },
  };
}

/** Said by the system; anything else is a mistake of the caller. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
