import type { Logger } from 'pino';
import type { Config } from '../../config/config.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../domain/engine.ts';
import { errorBody } from '../../domain/errors.ts';
import type { RunnerDeps } from '../../runner/deps.ts';
import { settleLeases } from '../../runner/leases.ts';
import type { Scorecards } from '../../scheduler/scorecards.ts';
import type { Store } from '../../store/store.ts';
import { settleOrphans } from './recovery.ts';

export interface UpkeepOptions {
  readonly deps: RunnerDeps;
  readonly engines: readonly Engine[];
  readonly forensics: { pushPending(signal: AbortSignal): Promise<readonly string[]> };
  readonly scorecards: Pick<Scorecards, 'card' | 'keep'>;
  readonly config: Pick<Config, 'retention'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What `serve` does now and again besides its drills, each in a loop of its own; resolves when the signal has ended all of them. */
export async function upkeep({ deps, engines, forensics, scorecards, config, clock, log, signal }: UpkeepOptions): Promise<void> {
  const leases = async (watch: boolean) => {
    const { done, notices } = await settleLeases(engines, deps, { watch });
    for (const sentence of done) log.info(sentence);
    for (const sentence of notices) log.warn({ notice: true }, sentence);
  };
  const pushAgain = async () => {
    for (const sentence of await forensics.pushPending(signal)) log.info(sentence);
  };
  const loops: readonly Loop[] = [
    { everyMs: 3_600_000, work: () => forgetOld(deps.store, config, clock.now()) },
    // runs of processes that are gone
    { everyMs: 5_000, work: () => settleOrphans(engines, deps, log) },
    // leases that are not due cost one query
    { everyMs: 1_000, work: () => leases(false) },
    // held containers: a thaw by somebody else breaks their seal
    { everyMs: 10_000, work: () => leases(true) },
    // what the registry could not take
    { everyMs: 60_000, work: pushAgain },
    // the day's scorecard, for its history
    { everyMs: 600_000, work: async () => scorecards.keep(scorecards.card()) },
  ];
  await Promise.all(loops.map((loop) => repeated(loop, { clock, log, signal })));
}

interface Loop {
  readonly everyMs: number;
  work(): Promise<void>;
}

/** At once, then again and again until the end; that it fails once is said, and it is tried again. */
async function repeated({ everyMs, work }: Loop, { clock, log, signal }: Pick<UpkeepOptions, 'clock' | 'log' | 'signal'>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      log.error(errorBody(error).error.message);
    }
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}

async function forgetOld(store: Store, { retention }: Pick<Config, 'retention'>, now: number): Promise<void> {
  await store.retention({ ...retention.runs, now });
  // what days came to is of use for as long as the runs that it was added up from
  store.daily.forget(now - retention.runs.maxAgeMs);
  store.scorecards.forget(now - retention.runs.maxAgeMs);
  store.notices.forget(now - retention.notices.maxAgeMs);
}
