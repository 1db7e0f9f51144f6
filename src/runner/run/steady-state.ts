import type { Check } from '../../checks/check.ts';
import { formatAmount } from '../../domain/amount.ts';
import type { Clock } from '../../domain/clock.ts';
import { isRequest } from '../../domain/drill.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Json } from '../../domain/journal.ts';
import { formatPercent } from '../../domain/percent.ts';
import type { Sampler } from './sampler.ts';

/** Asks every check once, side by side; a sentence for each that does not hold. */
export async function askAll(checks: readonly Check[], signal: AbortSignal): Promise<string[]> {
  const answers = await Promise.all(
    checks.map(async (check) => {
      const result = await check.ask(signal).catch((error: unknown) => {
        // that the engine is away says nothing about the service
        if (error instanceof EngineError && error.lost) throw error;
        return { ok: false, error: error instanceof Error ? error.message : String(error) };
      });
      return result.ok ? [] : [`${check.spec.name}: ${result.error ?? 'does not hold'}`];
    }),
  );
  return answers.flat();
}

/** Asks again until all hold or the time is over; what still does not hold then. */
export async function settle(
  checks: readonly Check[],
  options: { readonly withinMs: number; readonly everyMs: number; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string[]> {
  const end = options.clock.monotonic() + options.withinMs;
  for (;;) {
    const lost = await askAll(checks, options.signal);
    if (lost.length === 0 || options.signal.aborted || options.clock.monotonic() >= end) return lost;
    await options.clock.sleep(options.everyMs, options.signal).catch(() => undefined);
  }
}

/** Checks whose share of good samples fell below their own `minAvailability`. */
export function lostDuring(checks: readonly Check[], sampler: Sampler): string[] {
  return checks.flatMap(({ spec }) => {
    if (spec.minAvailability === null) return [];
    const samples = sampler.samples(spec.name);
    if (samples.length === 0) return [`${spec.name}: was never sampled, so its availability is unknown`];
    const share = samples.filter((sample) => sample.ok).length / samples.length;
    if (share >= spec.minAvailability) return [];
    const failed = samples.length - samples.filter((sample) => sample.ok).length;
    return [
      `${spec.name}: ${formatAmount(share, 'ratio')} of ${samples.length} samples held (${failed} failed), at least ${formatPercent(spec.minAvailability)} is needed`,
    ];
  });
}

/** The `availability` artifact: every sample as `[ms since the start, latency in ms]`, failed ones with their error. */
export function availabilityArtifact(checks: readonly Check[], sampler: Sampler, begun: number): Json {
  return {
    checks: checks.map(({ spec }) => {
      const samples = sampler.samples(spec.name);
      return {
        name: spec.name,
        type: spec.type,
        request: isRequest(spec),
        everyMs: spec.everyMs,
        minAvailability: spec.minAvailability,
        availability: samples.length === 0 ? null : samples.filter((sample) => sample.ok).length / samples.length,
        samples: samples.map((sample) => ({
          offsetMs: Math.round(sample.asked - begun),
          ok: sample.ok,
          latencyMs: Math.round(sample.latencyMs * 10) / 10,
          error: sample.error,
        })),
      };
    }),
  };
}
