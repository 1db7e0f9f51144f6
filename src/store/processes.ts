import { type Clock, instant } from '../domain/clock.ts';
import { DatabaseError } from '../domain/errors.ts';
import type { Db } from './db.ts';
import type { Host, ProcessIdentity } from './host.ts';

export type ProcessRole = 'serve' | 'command';

export interface ProcessInfo extends ProcessIdentity {
  readonly id: number;
  readonly role: ProcessRole;
  /** UTC ms. */
  readonly startedAt: number;
  readonly heartbeatAt: number;
}

export interface ProcessHandle {
  readonly id: number;
  /** To be called every few seconds. False: another process has taken this one's place; it must end at once. */
  heartbeat(): boolean;
  release(): void;
}

export interface Processes {
  /** Throws DatabaseError `database_locked` when the role is `serve` and another live one has this database. */
  register(role: ProcessRole): ProcessHandle;
  isAlive(processId: number): boolean;
  /** The `serve` that is alive, or null. */
  serve(): ProcessInfo | null;
  list(): ProcessInfo[];
}

/** A process that cannot be looked at (another pid namespace) is taken for dead after this long without a sign. */
const staleAfterMs = 30_000;

interface Row {
  readonly id: number;
  readonly role: ProcessRole;
  readonly pid: number;
  readonly start_ticks: number | null;
  readonly boot_id: string | null;
  readonly pid_namespace: string | null;
  readonly hostname: string;
  readonly started_at: number;
  readonly heartbeat_at: number;
  readonly heartbeat_uptime_ms: number;
}

export function createProcesses(full: Db, relaxed: () => Db, clock: Clock, host: Host): Processes {
  const self = host.self();
  const rows = () => full.all<Row>('SELECT * FROM processes ORDER BY id');
  const remove = (id: number) => full.run('DELETE FROM processes WHERE id = ?', id);
  const liveServe = () => rows().find((row) => row.role === 'serve' && isAlive(row, self, host));

  return {
    register(role) {
      const id = full.transaction(() => {
        const serve = role === 'serve' ? liveServe() : undefined;
        if (serve !== undefined) throw taken(serve);
        for (const row of rows()) if (!isAlive(row, self, host)) remove(row.id);
        const now = clock.now();
        return full.run(
          `INSERT INTO processes (role, pid, start_ticks, boot_id, pid_namespace, hostname, started_at, heartbeat_at, heartbeat_uptime_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          role,
          self.pid,
          self.startTicks,
          self.bootId,
          self.pidNamespace,
          self.hostname,
          now,
          now,
          host.uptimeMs(),
        ).id;
      });
      return {
        id,
        heartbeat: () =>
          relaxed().run('UPDATE processes SET heartbeat_at = ?, heartbeat_uptime_ms = ? WHERE id = ?', clock.now(), host.uptimeMs(), id)
            .changes === 1,
        release: () => void remove(id),
      };
    },
    isAlive(processId) {
      const row = full.get<Row>('SELECT * FROM processes WHERE id = ?', processId);
      return row !== undefined && isAlive(row, self, host);
    },
    serve() {
      const row = liveServe();
      return row === undefined ? null : asInfo(row);
    },
    list: () => rows().map(asInfo),
  };
}

function isAlive(row: Row, self: ProcessIdentity, host: Host): boolean {
  if (row.boot_id !== null && self.bootId !== null && row.boot_id !== self.bootId) return false;
  const visible = row.pid_namespace === null ? row.hostname === self.hostname : row.pid_namespace === self.pidNamespace;
  if (visible) {
    const ticks = host.startTicks(row.pid);
    if (ticks !== null && row.start_ticks !== null) return ticks === row.start_ticks;
    if (!host.exists(row.pid)) return false;
    // Where start times are not told, or hidden (hidepid), the pid may be another's by now: the heartbeat decides.
  }
  const silence = host.uptimeMs() - row.heartbeat_uptime_ms;
  // A negative silence means that the machine was started again since.
  return silence >= 0 && silence <= staleAfterMs;
}

function taken(row: Row): DatabaseError {
  const since = instant(row.started_at);
  return new DatabaseError('database_locked', `another serve uses this database: process ${row.pid} on ${row.hostname}, since ${since}`, {
    hint: `stop it, or give this one its own database with PITWALL_STORE_PATH; one that died is taken over after ${staleAfterMs / 1000} s at most`,
    context: { pid: row.pid, hostname: row.hostname, since },
  });
}

function asInfo(row: Row): ProcessInfo {
  return {
    id: row.id,
    role: row.role,
    pid: row.pid,
    startTicks: row.start_ticks,
    bootId: row.boot_id,
    pidNamespace: row.pid_namespace,
    hostname: row.hostname,
    startedAt: row.started_at,
    heartbeatAt: row.heartbeat_at,
  };
}
