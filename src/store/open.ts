import { closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import type { Clock } from '../domain/clock.ts';
import { InvalidError } from '../domain/errors.ts';
import { createDb, type Db } from './db.ts';
import { asDatabaseError, corrupt } from './errors.ts';
import { type Host, thisHost } from './host.ts';
import { migrate } from './migrate.ts';
import { type RollUpProgress, rollUpOld } from './roll-up.ts';
import { createStore, type Store } from './store.ts';
import { syncFolder } from './sync-folder.ts';

export interface OpenOptions {
  readonly path: string;
  readonly clock: Clock;
  /** Default true. False: a file that is missing is an InvalidError. */
  readonly create?: boolean;
  /** What is known of this machine's processes. Default: this machine. */
  readonly host?: Host;
  /** How far the runs of before an upgrade are added up, which happens once; opening waits for it. */
  readonly onRollUp?: RollUpProgress;
}

/** Opens the database, making it and its folder when they are missing. Any number of processes may do so at once. */
export function openStore(options: OpenOptions): Store {
  const path = resolve(options.path);
  try {
    prepareFile(path, options.create ?? true);
    const full = connect(path, 'FULL');
    try {
      migrate(full, path);
      rollUpOld(full, options.onRollUp);
      return createStore({ full, relaxed: () => connect(path, 'NORMAL'), path, clock: options.clock, host: options.host ?? thisHost() });
    } catch (error) {
      full.close();
      throw error;
    }
  } catch (error) {
    throw asDatabaseError(error, path);
  }
}

function prepareFile(path: string, create: boolean): void {
  if (!existsSync(path)) {
    if (!create)
      throw new InvalidError('database_missing', `${path}: there is no database`, {
        hint: 'start `pitwall serve` or a drill first, or name another with PITWALL_STORE_PATH',
      });
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its -wal and -shm files the mode of the main file.
    closeSync(openSync(path, 'a', 0o600));
    syncFolder(dirname(path));
  }
  if (isTruncated(path)) throw corrupt(path, 'is shorter than its header says');
}

function connect(path: string, synchronous: 'FULL' | 'NORMAL'): Db {
  // Loaded here, and only here, as it costs a short command more than the rest of Pitwall.
  const Database = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3;
  const raw = new Database(path, { timeout: 5000 });
  const db = createDb(raw, path);
  try {
    // Lets retention give space back. Can only be chosen while the file is empty; later it would be a write for nothing.
    if (db.get<{ page_count: number }>('PRAGMA page_count')?.page_count === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    retryBusy(() => db.exec('PRAGMA journal_mode = WAL'));
    db.exec(
      `PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = ${synchronous === 'FULL' ? -16000 : -2000}`,
    );
    return db;
  } catch (error) {
    raw.close();
    throw error;
  }
}

/** The change to WAL does not wait for other connections as all else does (https://sqlite.org/wal.html, "Activating"). */
function retryBusy(work: () => void): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 0; ; attempt++) {
    try {
      work();
      return;
    } catch (error) {
      if (attempt === 100 || !(error instanceof Error) || !('code' in error) || error.code !== 'database_locked') throw error;
      Atomics.wait(pause, 0, 0, 50);
    }
  }
}

/**
 * SQLite notices a cut file only when it reads a page that is missing, which may be much later. The header (file format, 1.3: page
 * size at 16, number of pages at 28) tells at once, unless a write-ahead log holds what is missing.
 */
function isTruncated(path: string): boolean {
  const size = statSync(path).size;
  if (size === 0 || (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return false;
  if (size < 100) return true;
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, 100, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString('latin1', 0, 15) !== 'SQLite format 3') return false;
  const stated = header.readUInt16BE(16);
  const pageSize = stated === 1 ? 65_536 : stated;
  const trusted = header.readUInt32BE(24) === header.readUInt32BE(92);
  return trusted && header.readUInt32BE(28) * pageSize > size;
}
