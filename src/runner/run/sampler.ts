import { setMaxListeners } from 'node:events';
import type { Check, CheckResult } from '../../checks/check.ts';
import type { Clock } from '../../domain/clock.ts';
import { isRequest } from '../../domain/drill.ts';
import { EngineError } from '../../domain/errors.ts';

export interface Sample {
  readonly check: string;
  /** UTC ms at which it was asked. */
  readonly at: number;
  /** Monotonic reading at which it was asked. */
  readonly asked: number;
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly error: string | null;
}

export interface Sampler {
  /** All answers so far, by check, in the order of asking. */
  samples(check: string): readonly Sample[];
  /** See `RunContext.failedMs`. */
  failedMs(from: number, to: number): Promise<number | null>;
  /** Share of good answers to requests since `from`, the worst check's; null without any. */
  availability(from: number): number | null;
  stop(): Promise<void>;
}

export interface SamplerDeps {
  readonly clock: Clock;
  onSample(sample: Sample): void;
  /** What `onSample` threw, or what is a defect of a check; the sampling has ended then. */
  onFailure(error: unknown): void;
}

/** Answers under way at once for one check; beyond it a tick is counted as failed, since nobody could have been served. */
const mostUnderWay = 64;

/**
 * Asks every check at its interval until stopped. The grid is absolute: a slow answer does not delay the next question, so that an
 * outage is not hidden by the very requests that hang in it (coordinated omission).
 */
export function startSampler(checks: readonly Check[], deps: SamplerDeps): Sampler {
  const stopping = new AbortController();
  // every check waits on it
  setMaxListeners(0, stopping.signal);
  const byCheck = new Map<string, Sample[]>(checks.map((check) => [check.spec.name, []]));
  const underWay = new Set<Promise<void>>();
  const requests = checks.filter((check) => isRequest(check.spec)).map((check) => check.spec.name);
  const fail = (error: unknown) => {
    stopping.abort();
    deps.onFailure(error);
  };
  const loops = checks.map((check) => ask(check).catch(fail));

  async function ask(check: Check): Promise<void> {
    const { everyMs, name } = check.spec;
    const begun = deps.clock.monotonic();
    let mine = 0;
    for (let tick = 0; !stopping.signal.aborted; tick++) {
      // after a stall the ticks that were missed are not made up for in a burst
      tick = Math.max(tick, Math.floor((deps.clock.monotonic() - begun) / everyMs));
      const late = begun + tick * everyMs - deps.clock.monotonic();
      if (late > 0) await deps.clock.sleep(late, stopping.signal).catch(() => undefined);
      if (stopping.signal.aborted) return;
      const at = deps.clock.now();
      const asked = deps.clock.monotonic();
      if (mine >= mostUnderWay) {
        add({ check: name, at, asked, ok: false, latencyMs: 0, error: `${mine} requests without an answer` });
        continue;
      }
      mine++;
      const answer = check.ask(AbortSignal.timeout(check.spec.timeoutMs + 1_000)).then(
        ({ ok, latencyMs, error }) => add({ check: name, at, asked, ok, latencyMs, error }),
        (error: unknown) => {
          // an engine that is away says nothing about the service
          if (!(error instanceof EngineError)) add({ check: name, at, asked, ...broken(error, deps.clock.monotonic() - asked) });
        },
      );
      const tracked: Promise<void> = answer.catch(fail).finally(() => {
        mine--;
        underWay.delete(tracked);
      });
      underWay.add(tracked);
      if (check.oneAtATime) await tracked;
    }
  }

  function add(sample: Sample): void {
    const list = byCheck.get(sample.check) as Sample[];
    let place = list.length;
    while (place > 0 && (list[place - 1] as Sample).asked > sample.asked) place--;
    list.splice(place, 0, sample);
    deps.onSample(sample);
  }

  return {
    samples: (check) => byCheck.get(check) ?? [],
    async failedMs(from, to) {
      if (requests.length === 0) return null;
      await Promise.all(underWay);
      return Math.max(...requests.map((name) => failedWithin(byCheck.get(name) ?? [], from, to)));
    },
    availability(from) {
      const shares = requests.flatMap((name) => {
        const recent = since(byCheck.get(name) ?? [], from);
        return recent.length === 0 ? [] : [recent.filter((sample) => sample.ok).length / recent.length];
      });
      return shares.length === 0 ? null : Math.min(...shares);
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      await Promise.all(underWay);
    },
  };
}

/** Asked at `from` or later; looked for from the end, since of a long run only the last moments are asked for. */
function since(samples: readonly Sample[], from: number): readonly Sample[] {
  let place = samples.length;
  while (place > 0 && (samples[place - 1] as Sample).asked >= from) place--;
  return samples.slice(place);
}

function broken(error: unknown, latencyMs: number): CheckResult {
  return { ok: false, latencyMs, error: error instanceof Error ? error.message : String(error) };
}

/** A failed answer stands for the time until the next question, of which only the part within [from, to] counts. */
export function failedWithin(samples: readonly Sample[], from: number, to: number): number {
  let sum = 0;
  samples.forEach((sample, index) => {
    if (sample.ok) return;
    const until = samples[index + 1]?.asked ?? sample.asked + sample.latencyMs;
    sum += Math.max(0, Math.min(until, to) - Math.max(sample.asked, from));
  });
  return sum;
}
