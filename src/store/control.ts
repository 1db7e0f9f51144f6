import type { Clock } from '../domain/clock.ts';
import type { Db } from './db.ts';

export interface Halt {
  /** UTC ms. */
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

export interface Control {
  /** No run starts until `unhalt`, also across restarts. A halt while halted keeps the first one. */
  halt(by: string, reason: string): Halt;
  /** The halt that was ended, or null when there was none. */
  unhalt(by: string): Halt | null;
  halted(): Halt | null;
  /**
   * Grows whenever anything in the database has changed, by this process or another; costs microseconds, so that a poller can ask it
   * many times a second and read only when there is something to read.
   */
  version(): number;
}

export function createControl(db: Db, clock: Clock): Control {
  const halted = () => db.get<Halt>('SELECT at, by, reason FROM halts WHERE ended_at IS NULL') ?? null;
  let seen = { others: 0, own: 0 };
  let version = 0;
  return {
    halt(by, reason) {
      return db.transaction(() => {
        const at = clock.now();
        db.run('INSERT INTO halts (at, by, reason) VALUES (?, ?, ?) ON CONFLICT DO NOTHING', at, by, reason);
        return halted() ?? { at, by, reason };
      });
    },
    unhalt(by) {
      return db.transaction(() => {
        const ended = halted();
        if (ended !== null) db.run('UPDATE halts SET ended_at = ?, ended_by = ? WHERE ended_at IS NULL', clock.now(), by);
        return ended;
      });
    },
    halted,
    version() {
      // `data_version` tells of commits by every connection but the one that asks (https://sqlite.org/pragma.html#pragma_data_version).
      const others = db.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
      const own = db.get<{ n: number }>('SELECT total_changes() AS n')?.n ?? 0;
      if (others !== seen.others || own !== seen.own) {
        seen = { others, own };
        version += 1;
      }
      return version;
    },
  };
}
