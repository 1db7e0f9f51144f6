import { type Clock, instant } from '../../domain/clock.ts';
import { formatDuration } from '../../domain/duration.ts';
import { DatabaseError, PitwallError } from '../../domain/errors.ts';
import type { CaptureStep, CoverageItem, StepResult } from '../../domain/evidence.ts';

export interface StepOptions {
  readonly clock: Clock;
  /** The run's: a step that has not begun is then left out, one under way is cut. */
  readonly signal: AbortSignal;
  readonly limitMs: number;
}

/** What a step does; `value` is left out of the coverage. */
export type StepWork = (signal: AbortSignal) => Promise<Omit<StepResult, 'value'>>;

/** Runs one step of a capture within its own time limit. Never rejects for what the step meets: that is its coverage. */
export async function captureStep(step: CaptureStep, work: StepWork, options: StepOptions): Promise<CoverageItem> {
  const { clock, signal, limitMs } = options;
  const startedAt = instant(clock.now());
  const began = clock.monotonic();
  const item = (state: CoverageItem['state'], reason: string | null, share: number, bytes: number): CoverageItem => ({
    step,
    state,
    reason,
    share,
    bytes,
    startedAt,
    ms: clock.monotonic() - began,
  });
  if (signal.aborted) return item('missing', `not begun: ${reasonOf(signal)}`, 0, 0);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`it took longer than ${formatDuration(limitMs)}`)), limitMs);
  try {
    const both = AbortSignal.any([signal, limit.signal]);
    const result = await Promise.race([work(both), refusal(both)]);
    return item(result.state, result.reason, result.share, result.bytes);
  } catch (error) {
    // without the database there is no lease, and a defect must be seen as one
    if (error instanceof DatabaseError) throw error;
    const why = limit.signal.aborted ? reasonOf(limit.signal) : signal.aborted ? reasonOf(signal) : messageOf(error);
    return item('missing', why, 0, 0);
  } finally {
    clearTimeout(timer);
  }
}

/** A step that was not asked for. */
export function notAsked(step: CaptureStep, reason: string, clock: Clock): CoverageItem {
  return { step, state: 'not-asked', reason, share: 0, bytes: 0, startedAt: instant(clock.now()), ms: 0 };
}

/** A step may hang in a system call that no signal ends: the capture goes on without it. */
function refusal(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
}

function reasonOf(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : 'the run was ended';
}

function messageOf(error: unknown): string {
  if (error instanceof PitwallError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
