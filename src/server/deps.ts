/** What the server needs from the rest of Pitwall, and no more of it. */
import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import type { AuditLog } from '../access/audit.ts';
import type { Scope } from '../access/scope.ts';
import type { Sessions } from '../access/sessions.ts';
import type { Caller } from '../access/tokens.ts';
import type { Clock } from '../domain/clock.ts';
import type { Drill } from '../domain/drill.ts';
import type { EvidenceCase, FreezeOrder, Hold } from '../domain/evidence.ts';
import type { AlertDeps } from '../forensics/falco/receive.ts';
import type { CaseDetail, CaseVerification } from '../forensics/service.ts';
import type { TargetView } from '../runner/targets/target-view.ts';
import type { Scorecards } from '../scheduler/scorecards.ts';
import type { EvidenceFilter } from '../store/evidence.ts';
import type { Store } from '../store/store.ts';

import type { Reports } from './reports.ts';

export interface ServerDeps {
  readonly store: Pick<
    Store,
    'runs' | 'events' | 'control' | 'journal' | 'slots' | 'evidence' | 'holds' | 'audit' | 'proofs' | 'samples' | 'daily' | 'notices'
  >;
  /** Null for a token that is not one. */
  readonly tokens: { verify(token: string): Caller | 'expired' | null };
  /** Of the dashboard. */
  readonly sessions: Sessions;
  readonly audit: AuditLog;
  readonly config: ServerConfig;
  /** The catalogue as it is now: a file may be edited while the server runs. */
  readonly catalogue: () => Catalogue;
  /** The next `n` instants, UTC ms, at which the drill's schedule says that it is due; jitter left out. */
  readonly nextRuns: (drill: Drill, n: number) => readonly number[];
  /** Resolves as soon as the run's row exists; the run goes on by itself. Rejects when nothing was started: `out_of_scope`, … Called by `acts.ts` alone. */
  readonly startRun: (drillName: string, options: StartRunOptions) => Promise<{ readonly id: string }>;
  readonly scorecards: Scorecards;
  readonly reports: Reports;
  readonly freezes: Freezes;
  readonly evidence: EvidenceReader;
  /** What decides on alerts; the engines are those of the configuration. */
  readonly alerts: Pick<AlertDeps, 'rules' | 'engines' | 'whyNot'>;
  readonly targets: () => Promise<readonly TargetView[]>;
  /** Each engine by itself, so that one that does not answer keeps nobody from the others. */
  readonly fleet: readonly EngineTargets[];
  /** What `pitwall plan --json` prints. */
  readonly plan: (drillName: string) => Promise<unknown>;
  /** Answers within a few seconds, also when an engine does not. */
  readonly ready: () => Promise<Readiness>;
  /** How late scheduled drills were begun, ms, since it was asked last. */
  readonly lateness: () => readonly number[];
  /** Pitwall's own. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface EngineTargets {
  /** Its name. */
  readonly engine: string;
  /** Asks it now. */
  targets(): Promise<readonly TargetView[]>;
}

/** Called by `acts.ts` alone, and by the receiver of alerts. */
export interface Freezes {
  /**
   * Resolves as soon as the run's row exists; the run goes on by itself. Rejects when nothing was started: `out_of_scope` when a container
   * that was found is out of the scope, …
   */
  start(
    order: FreezeOrder,
    who: { readonly actor: string; readonly trigger: 'api' | 'webhook'; readonly scope: Scope },
  ): Promise<{ readonly id: string }>;
  /** @param id whole id of the evidence of a container that is held; `who` is the token's name. */
  release(id: string, to: 'resume' | 'kill' | 'quarantine' | 'replace', who: string): Promise<{ readonly outcome: string }>;
  /** The deadline becomes `ms` from now. */
  lease(id: string, ms: number, who: string): Promise<Hold>;
}

/** Ids are whole and known. What is pruned is refused; every part is as the command line prints it as JSON. */
export interface EvidenceReader {
  list(filter: EvidenceFilter): Promise<readonly EvidenceCase[]>;
  get(id: string): Promise<CaseDetail>;
  manifest(id: string): Promise<unknown>;
  custody(id: string): Promise<unknown>;
  verify(id: string): Promise<CaseVerification>;
  /** The export's tar, destroyed when whoever reads it is gone. `name`: of the file that it would be. `who`: for the custody log. */
  download(id: string, who: string): Promise<{ readonly name: string; readonly stream: Readable }>;
}

export interface ServerConfig {
  /** Default 127.0.0.1. */
  readonly host: string;
  /** Default 7500; 0 takes any free one. */
  readonly port: number;
  /** Names, `name` or `name:port`, under which a proxy or a DNS entry leads here. Default none. */
  readonly hosts?: readonly string[] | undefined;
}

export interface Catalogue {
  readonly drills: readonly Drill[];
  /** Files that could not be read, each a sentence with file:line:column. */
  readonly problems: readonly { readonly message: string }[];
}

export interface ReadyCheck {
  readonly kind: 'engine' | 'database' | 'disk' | 'catalogue' | 'scheduler';
  /** The engine's name, or what was looked at. */
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
  /** How long an engine took to answer. */
  readonly ms?: number | undefined;
  /** What a disk has left. */
  readonly freeBytes?: number | undefined;
}

export interface Readiness {
  readonly ok: boolean;
  readonly checks: readonly ReadyCheck[];
}

export interface StartRunOptions {
  /** The token's name. */
  readonly actor: string;
  readonly seed?: string | undefined;
  /** A run of the same drill, by its id or its beginning: the same targets are picked, on the same engine. */
  readonly replay?: string | undefined;
  readonly trigger: 'api';
  /** Of the token: the drill and each of its engines have to be in it. */
  readonly scope: Scope;
}
