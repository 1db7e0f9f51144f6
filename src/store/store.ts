import type { Clock } from '../domain/clock.ts';
import { type AuditStore, createAuditStore } from './audit.ts';
import { backup } from './backup.ts';
import { type Control, createControl } from './control.ts';
import { createDaily, type Daily } from './daily.ts';
import type { Db } from './db.ts';
import { createDefinitions, type Definitions } from './definitions.ts';
import { createEvents, type Events } from './events.ts';
import { createEvidence, type EvidenceStore } from './evidence.ts';
import { createHolds, type Holds } from './holds.ts';
import type { Host } from './host.ts';
import { createJournal, type JournalStore } from './journal.ts';
import { createLocks, type Locks } from './locks.ts';
import { createNotices, type Notices } from './notices.ts';
import { createProcesses, type Processes } from './processes.ts';
import { createProofs, type Proofs } from './proofs.ts';
import { createRecoveries, type Recoveries } from './recoveries.ts';
import { applyRetention, type Retention, type RetentionResult } from './retention.ts';
import { createRuns, type Runs } from './runs.ts';
import { createSamples, type Samples } from './samples.ts';
import { createScorecards, type Scorecards } from './scorecards.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSlots, type Slots } from './slots.ts';
import { createTokens, type Tokens } from './tokens.ts';

/**
 * All that Pitwall remembers. Every call is synchronous, and what it wrote is durable when it returns; only samples and heartbeats
 * are synced a little later. Any number of processes may hold the same database open.
 */
export interface Store {
  readonly path: string;
  /** Made once with the database: the value of the label `pitwall.instance`. */
  readonly instanceId: string;
  readonly processes: Processes;
  readonly recoveries: Recoveries;
  readonly runs: Runs;
  readonly definitions: Definitions;
  readonly events: Events;
  readonly journal: JournalStore;
  readonly locks: Locks;
  readonly control: Control;
  readonly evidence: EvidenceStore;
  readonly holds: Holds;
  readonly notices: Notices;
  readonly samples: Samples;
  readonly slots: Slots;
  readonly tokens: Tokens;
  readonly proofs: Proofs;
  readonly daily: Daily;
  readonly scorecards: Scorecards;
  readonly sessions: Sessions;
  readonly audit: AuditStore;
  /** Several writes as one durable step. */
  atOnce<T>(work: () => T): T;
  /** Writes a little, durably. Throws DatabaseError when it cannot be done: no space, a file system that is read-only. */
  canWrite(): void;
  /** A consistent copy, taken while others write; mode 0600. Throws InvalidError `backup_exists` rather than overwrite. */
  backup(file: string): Promise<void>;
  /** Forgets old runs, in small steps, so that others can write in between. */
  retention(rule: Retention): Promise<RetentionResult>;
  close(): void;
}

export interface StoreParts {
  readonly full: Db;
  readonly relaxed: () => Db;
  readonly path: string;
  readonly clock: Clock;
  readonly host: Host;
}

export function createStore({ full, relaxed: connect, path, clock, host }: StoreParts): Store {
  let second: Db | undefined;
  const relaxed = () => {
    second ??= connect();
    return second;
  };
  const instanceId = full.get<{ value: string }>("SELECT value FROM meta WHERE key = 'instance'")?.value ?? '';
  const processes = createProcesses(full, relaxed, clock, host);
  return {
    path,
    instanceId,
    processes,
    recoveries: createRecoveries(full, processes),
    runs: createRuns(full, clock),
    definitions: createDefinitions(full),
    events: createEvents(full, clock),
    journal: createJournal(full, clock),
    locks: createLocks(full, clock),
    control: createControl(full, clock),
    notices: createNotices(full),
    samples: createSamples(relaxed),
    slots: createSlots(full, clock),
    tokens: createTokens(full, clock),
    proofs: createProofs(full),
    daily: createDaily(full),
    scorecards: createScorecards(full),
    sessions: createSessions(full, clock),
    audit: createAuditStore(full, clock),
    evidence: createEvidence(full),
    holds: createHolds(full, clock, processes),
    atOnce: (work) => full.transaction(work),
    canWrite: () =>
      void full.run(
        "INSERT INTO meta VALUES ('written-at', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        String(clock.now()),
      ),
    backup: (file) => backup(full, file),
    retention: (rule) => applyRetention(full, rule),
    close() {
      second?.close();
      full.close();
    },
  };
}
