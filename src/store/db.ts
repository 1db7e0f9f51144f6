import type BetterSqlite3 from 'better-sqlite3';
import { asDatabaseError } from './errors.ts';

export type Value = string | number | null | Buffer;

/**
 * What the store asks of SQLite. Statements are prepared when they are first used and kept, as preparing all of them at the start
 * costs more than a short command needs; and the switch to another driver is this file.
 */
export interface Db {
  run(sql: string, ...values: Value[]): { readonly changes: number; readonly id: number };
  /** The first row. Only for statements that read: the driver drops the error when what they wrote cannot be committed. */
  get<Row>(sql: string, ...values: Value[]): Row | undefined;
  /** Every row. Only for statements that read. */
  all<Row>(sql: string, ...values: Value[]): Row[];
  /**
   * What `make` makes of every row, whose columns come in the statement's order: for tens of thousands of rows a third of what `all` costs.
   * Only for statements that read; `make` asks nothing of the database.
   */
  map<Row extends readonly unknown[], T>(sql: string, make: (row: Row) => T, ...values: Value[]): T[];
  /** Several statements as they stand; for migrations and pragmas. */
  exec(sql: string): void;
  /** One durable step, or nothing: takes the write lock at once, so that what is read inside is still true when it is written. Nested calls join the outer one. */
  transaction<T>(work: () => T): T;
  close(): void;
  readonly raw: BetterSqlite3.Database;
}

export function createDb(raw: BetterSqlite3.Database, path: string): Db {
  const statements = new Map<string, BetterSqlite3.Statement<Value[]>>();
  const prepared = (sql: string) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = raw.prepare<Value[]>(sql);
    statements.set(sql, made);
    return made;
  };
  const reading = (sql: string) => {
    const statement = prepared(sql);
    if (!statement.readonly) throw new Error(`this statement writes, so it must be run: ${sql}`);
    return statement;
  };
  const tuples = new Map<string, BetterSqlite3.Statement<Value[]>>();
  const readingTuples = (sql: string) => {
    const known = tuples.get(sql);
    if (known !== undefined) return known;
    const made = raw.prepare<Value[]>(sql).raw();
    tuples.set(sql, made);
    return made;
  };
  const mapped = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw asDatabaseError(error, path);
    }
  };
  return {
    raw,
    run: (sql, ...values) =>
      mapped(() => {
        const result = prepared(sql).run(...values);
        return { changes: result.changes, id: Number(result.lastInsertRowid) };
      }),
    get: <Row>(sql: string, ...values: Value[]) => mapped(() => reading(sql).get(...values) as Row | undefined),
    all: <Row>(sql: string, ...values: Value[]) => mapped(() => reading(sql).all(...values) as Row[]),
    map: <Row extends readonly unknown[], T>(sql: string, make: (row: Row) => T, ...values: Value[]) =>
      mapped(() => {
        const made: T[] = [];
        for (const row of readingTuples(sql).iterate(...values)) made.push(make(row as Row));
        return made;
      }),
    exec: (sql) => mapped(() => void raw.exec(sql)),
    transaction(work) {
      if (raw.inTransaction) return work();
      mapped(() => void raw.exec('BEGIN IMMEDIATE'));
      try {
        const result = work();
        mapped(() => void raw.exec('COMMIT'));
        return result;
      } catch (error) {
        // SQLite has already rolled back by itself after some errors (a full disk).
        if (raw.inTransaction) raw.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => mapped(() => void raw.close()),
  };
}
