import { DatabaseError } from '../domain/errors.ts';
import type { Db } from './db.ts';
import { corrupt } from './errors.ts';
import { migrations } from './migrations/index.ts';

/** "PITW" in the file's header: tells our databases from any other program's. */
const applicationId = 0x50495457;

/** Brings the schema up to date, each migration in its own transaction. Processes that open a new file at once take turns. */
export function migrate(db: Db, path: string): void {
  check(db, path);
  while (version(db) < migrations.length) {
    db.transaction(() => {
      // Read again behind the lock: another process may have been faster.
      const at = version(db);
      const sql = migrations[at];
      if (sql === undefined) return;
      db.exec(sql);
      if (at === 0) db.exec(`PRAGMA application_id = ${applicationId}`);
      db.exec(`PRAGMA user_version = ${at + 1}`);
    });
  }
}

function check(db: Db, path: string): void {
  const at = version(db);
  const tables = db.get<{ n: number }>('SELECT count(*) AS n FROM sqlite_schema')?.n ?? 0;
  if ((at > 0 || tables > 0) && pragma(db, 'application_id') !== applicationId) throw corrupt(path, 'is a database of another program');
  if (at > migrations.length) {
    throw new DatabaseError('database_newer', `${path}: the database has schema ${at}, this program knows up to ${migrations.length}`, {
      hint: 'use the version of Pitwall that wrote it, or a newer one',
      context: { path, schema: at, known: migrations.length },
    });
  }
}

function version(db: Db): number {
  return pragma(db, 'user_version');
}

function pragma(db: Db, name: 'user_version' | 'application_id'): number {
  return db.get<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0;
}
