import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';

/**
 * Does a short piece of work while no other process does the same on this file. SQLite is here for its file lock alone, which Node does not
 * have: the kernel lets go of it when its process dies, so none is ever stale.
 * @param work synchronous, so that nothing of this process waits for a lock that this process holds.
 */
export function exclusively<T>(path: string, work: () => T): T {
  // SQLite would make it readable by others
  closeSync(openSync(path, 'a', 0o600));
  const lock = new Database(path, { timeout: 30_000 });
  try {
    // nothing is ever written to it, and no journal may appear beside the evidence, least of all on a full disk
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return work();
  } finally {
    lock.close();
  }
}
