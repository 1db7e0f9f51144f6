import { statfs } from 'node:fs/promises';
import type { Clock } from '../../domain/clock.ts';
import { formatDuration } from '../../domain/duration.ts';
import type { Engine } from '../../domain/engine.ts';
import { errorBody } from '../../domain/errors.ts';
import { formatSize } from '../../domain/size.ts';
import type { SchedulerHealth } from '../../scheduler/scheduler.ts';
import type { Readiness, ReadyCheck } from '../../server/deps.ts';
import type { Store } from '../../store/store.ts';

const pingMs = 3_000;
/** The scheduler looks about once a second. */
const silentMs = 15_000;
/** Below this a run's rows may not fit any more: better to say so while there is room to act. */
const leastFree = 64 << 20;
const scarce = 1 << 30;
/** Who asks often, and anybody may, makes no more writes than this. */
const writeEveryMs = 5_000;

export interface ReadinessOptions {
  readonly engines: readonly Pick<Engine, 'name' | 'ping'>[];
  readonly store: Pick<Store, 'control' | 'canWrite'>;
  /** Folders by what is in them. */
  readonly disks: readonly { readonly name: string; readonly path: string }[];
  readonly catalogue: () => { readonly drills: readonly unknown[]; readonly problems: readonly { readonly message: string }[] };
  readonly scheduler: () => SchedulerHealth;
  readonly clock: Clock;
}

/** What a load balancer or a person asks: can a drill be run now, and be undone and recorded? */
export function createReadiness(options: ReadinessOptions): () => Promise<Readiness> {
  const database = createDatabaseCheck(options);
  return async () => {
    const checks = [
      ...(await Promise.all(options.engines.map((engine) => engineCheck(engine, options.clock)))),
      database(),
      ...(await Promise.all(options.disks.map(diskCheck))),
      schedulerCheck(options.scheduler()),
      catalogueCheck(options.catalogue()),
    ];
    // a broken drill file keeps its last good version, and is no reason to send people elsewhere
    return { ok: checks.every((check) => check.ok || check.kind === 'catalogue'), checks };
  };
}

async function engineCheck(engine: Pick<Engine, 'name' | 'ping'>, clock: Clock): Promise<ReadyCheck> {
  const asked = clock.monotonic();
  try {
    await engine.ping({ timeoutMs: pingMs });
    return { kind: 'engine', name: engine.name, ok: true, message: 'answers', ms: clock.monotonic() - asked };
  } catch (error) {
    return { kind: 'engine', name: engine.name, ok: false, message: errorBody(error).error.message };
  }
}

function createDatabaseCheck({ store, clock }: ReadinessOptions): () => ReadyCheck {
  let writtenAt = Number.NEGATIVE_INFINITY;
  return () => {
    try {
      const halted = store.control.halted();
      if (clock.monotonic() - writtenAt >= writeEveryMs) {
        store.canWrite();
        writtenAt = clock.monotonic();
      }
      return {
        kind: 'database',
        name: 'store',
        ok: true,
        message: halted === null ? 'can be written' : `can be written; halted by ${halted.by}`,
      };
    } catch (error) {
      return { kind: 'database', name: 'store', ok: false, message: errorBody(error).error.message };
    }
  };
}

async function diskCheck({ name, path }: { readonly name: string; readonly path: string }): Promise<ReadyCheck> {
  try {
    const { bavail, bsize } = await statfs(path);
    const freeBytes = bavail * bsize;
    const left = `${formatSize(freeBytes)} left`;
    const ok = freeBytes >= leastFree;
    const message =
      freeBytes >= scarce ? left : `nearly full: ${left}${ok ? '' : `, and less than ${formatSize(leastFree)} is too little`}`;
    return { kind: 'disk', name, ok, message, freeBytes };
  } catch (error) {
    // evidence has no folder before the first freeze makes it
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { kind: 'disk', name, ok: missing, message: missing ? 'not there yet' : errorBody(error).error.message };
  }
}

function schedulerCheck({ silentMs: silent, problem, waiting, waitingMs }: SchedulerHealth): ReadyCheck {
  const of = { kind: 'scheduler', name: 'scheduler' } as const;
  if (problem !== null) return { ...of, ok: false, message: `what is due cannot be found out: ${problem}` };
  if (silent > silentMs) return { ...of, ok: false, message: `has not looked what is due for ${formatDuration(silent)}` };
  const waits = `${waiting} due and waiting for others to end, the first for ${formatDuration(waitingMs)}`;
  return { ...of, ok: true, message: waiting === 0 ? 'in time' : waits };
}

function catalogueCheck({ drills, problems }: ReturnType<ReadinessOptions['catalogue']>): ReadyCheck {
  const message = problems.length === 0 ? `${drills.length} drills` : problems.map((problem) => problem.message).join('; ');
  return { kind: 'catalogue', name: 'drills', ok: problems.length === 0, message };
}
