import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes a file's new name last through a power cut: it is the folder that holds it. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
