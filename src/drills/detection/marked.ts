import { randomBytes } from 'node:crypto';
import type { RunContext, SeenAlert } from '../../domain/kind.ts';
import { markOf } from '../../domain/mark.ts';
import type { Original } from '../../probes/dummy.ts';
import { openDummy } from '../../probes/dummy.ts';
import type { Surroundings } from '../../probes/gather.ts';
import type { Probe, StepResult } from '../../probes/probe.ts';
import { readAnswers } from '../../probes/script.ts';
import type { Workshop } from '../../probes/tools.ts';
import type { Params } from './params.ts';

export interface Marked {
  /** Alerts with its mark, in the order of their coming. */
  readonly alerts: readonly SeenAlert[];
  /** ms from the attempt to the alert that was waited for; null when none came in time. */
  readonly detectedMs: number | null;
  /** Why an alert may not have come in although it was sent; null when it would have. */
  readonly deaf: string | null;
  /** What the attempt's steps answered; empty when it was not made. */
  readonly results: readonly StepResult[];
}

export interface MarkedRequest {
  readonly original: Original;
  readonly probe: Probe;
  /** Whether this is the alert that is waited for. */
  isAwaited(alert: SeenAlert): boolean;
  /** Called while the dummy still runs, once the awaited alert has come. `attemptedAt`: monotonic ms. */
  onDetected?(dummy: string, attemptedAt: number): Promise<void>;
}

const pollMs = 50;
/** Beyond the wait, for what is done with the dummy then. */
const spareSeconds = 60;

/** Runs one probe with a mark of its own, and waits until the alert comes or its time is up. The dummy is up meanwhile: a tool may want to look at it. */
export async function attemptMarked(
  shop: Workshop,
  around: Surroundings,
  request: MarkedRequest,
  context: RunContext<Params>,
): Promise<Marked> {
  const { clock, params, signal, alerts, runId } = context;
  const mark = markOf(runId, randomBytes(6).toString('hex'));
  const staySeconds = Math.ceil(params.within / 1_000) + spareSeconds;
  const dummy = await openDummy(shop, request.original, {
    probes: [request.probe],
    networks: around.host.networks,
    outside: null,
    mark,
    alone: request.probe.alone ?? null,
    faithful: true,
    staySeconds,
  });
  if (dummy === null) return { alerts: [], detectedMs: null, results: [], deaf: null };
  try {
    let attempted = { at: clock.monotonic(), utc: clock.now() };
    const lines: string[] = [];
    for await (const line of dummy.lines) {
      lines.push(line);
      // what is seen of the dummy itself comes first, and is no attempt
      if (line.startsWith(`${dummy.nonce} seen/`)) attempted = { at: clock.monotonic(), utc: clock.now() };
      if (line.startsWith(`${dummy.nonce} end`)) break;
    }
    signal.throwIfAborted();
    const results = [...readAnswers(lines, dummy.steps, dummy.nonce).results]
      .filter(([key]) => key.startsWith(`${request.probe.id}/`) && !key.endsWith('/control'))
      .map(([, result]) => result);
    const mine = () => alerts.seen().filter((alert) => alert.mark === mark);
    // by the clock of whoever received it, which is this machine's: a slow attempt makes no alert late
    const after = (alert: SeenAlert) => Math.max(0, Date.parse(alert.at) - attempted.utc);
    let detectedMs: number | null = null;
    let deaf = alerts.whyDeaf();
    while (results.length > 0) {
      deaf ??= alerts.whyDeaf();
      const awaited = mine().find((alert) => request.isAwaited(alert) && after(alert) <= params.within);
      if (awaited !== undefined) {
        detectedMs = after(awaited);
        break;
      }
      if (clock.monotonic() - attempted.at >= params.within) break;
      await clock.sleep(pollMs, signal);
    }
    if (detectedMs !== null) await request.onDetected?.(dummy.id, attempted.at);
    return { alerts: mine(), detectedMs, results, deaf };
  } finally {
    await dummy.close();
  }
}
