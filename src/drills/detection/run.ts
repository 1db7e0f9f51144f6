import pLimit from 'p-limit';
import { formatDuration } from '../../domain/duration.ts';
import { EngineError, InconclusiveError } from '../../domain/errors.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import type { Finding } from '../../domain/words.ts';
import type { Original } from '../../probes/dummy.ts';
import { type Surroundings, surroundings } from '../../probes/gather.ts';
import type { Probe } from '../../probes/probe.ts';
import { shown } from '../../probes/script.ts';
import { openTools, type Workshop } from '../../probes/tools.ts';
import { freezeClone } from './freeze-clone.ts';
import { harmless } from './harmless.ts';
import { attemptMarked, type Marked } from './marked.ts';
import type { Expectation, Params } from './params.ts';
import { attemptOf } from './plan.ts';

type Context = RunContext<Params>;

/** Ids of the research for the pairs that it has; the others are named by their probe. */
const pairs: Readonly<Record<string, string>> = { 'FS-02': 'DET-01', 'NET-13': 'DET-02', 'FS-09': 'DET-03', 'SEC-05': 'DET-04' };
const atOnce = 4;

/** Throws `InconclusiveError` when no alert could come in, or nothing can be attempted: silence would then mean nothing. */
export async function run(context: Context): Promise<void> {
  const { engine, clock, runId, instance, signal } = context;
  const deaf = context.alerts.whyDeaf();
  if (deaf !== null)
    throw new InconclusiveError('deaf', deaf, {
      hint: 'start pitwall serve with the same configuration, and let the tool send its alerts there',
    });
  const helperImage = (await context.helperImage()).reference;
  const base = { engine, runId, instance, now: () => clock.now(), signal, helperImage };
  const around = await surroundings(engine, clock.now(), signal);
  const tools = await openTools(base);
  if ('none' in tools) throw new InconclusiveError('no_busybox', tools.none, { hint: 'install busybox-static where Pitwall runs' });
  const shop: Workshop = { ...base, tools };
  try {
    await context.forEachUnit(
      async ({ targets }) => {
        for (const target of targets) await practise(target, shop, around, context);
      },
      { parallel: 1 },
    );
  } finally {
    await engine.removeVolume(tools.volume);
  }
}

interface Attempt {
  readonly expectation: Expectation;
  readonly probe: Probe;
  readonly marked: Marked;
}

async function practise(target: Target, shop: Workshop, around: Surroundings, context: Context): Promise<void> {
  const { params } = context;
  if (target.inspect.HostConfig.Privileged === true)
    throw new InconclusiveError('privileged', `${target.name} is privileged: an attempt in a clone of it would reach the host`);
  const original: Original = {
    inspect: target.inspect,
    image: await shop.engine.inspectImage(target.inspect.Image, { signal: context.signal }),
  };
  const limit = pLimit(atOnce);
  let frozen = false;
  const attempts = params.expect.map((expectation, index) =>
    limit(async (): Promise<Attempt> => {
      const probe = attemptOf(expectation, index);
      const marked = await attempted(shop, around, context, {
        original,
        probe,
        isAwaited: (alert) => expectation.rule === undefined || alert.rule === expectation.rule,
        onDetected: async (dummy, attemptedAt) => {
          if (!params.freeze || frozen) return;
          frozen = true;
          await freezeClone(dummy, attemptedAt, target, context);
        },
      });
      return { expectation, probe, marked };
    }),
  );
  const control = params.negativeControl
    ? limit(() => attempted(shop, around, context, { original, probe: harmless, isAwaited: () => false }))
    : null;
  const settled = await Promise.allSettled([...attempts, ...(control === null ? [] : [control])]);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  report(target, await Promise.all(attempts), control === null ? null : await control, context);
}

/** A dummy that cannot be made is an attempt that was not made. */
async function attempted(
  shop: Workshop,
  around: Surroundings,
  context: Context,
  request: Parameters<typeof attemptMarked>[2],
): Promise<Marked> {
  try {
    return await attemptMarked(shop, around, request, context);
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    context.event('not-attempted', null, `${request.probe.id}: ${error.message}`);
    return { alerts: [], detectedMs: null, results: [], deaf: null };
  }
}

function report(target: Target, attempts: readonly Attempt[], control: Marked | null, context: Context): void {
  const findings = attempts.map((attempt) => findingOf(attempt, target, context.params));
  const heard = attempts.some(({ marked }) => marked.alerts.length > 0);
  if (control !== null) findings.push(controlFinding(control, heard, target, context.params));
  context.findings(findings);
  const times = attempts.flatMap(({ marked }) => (marked.detectedMs === null ? [] : [marked.detectedMs]));
  // what was not attempted is neither missed nor detected
  const made = attempts.filter(({ marked }) => marked.results.length > 0 && (marked.detectedMs !== null || marked.deaf === null));
  context.measure('expected', target, attempts.length);
  if (times.length > 0) context.measure('time_to_detect', target, Math.max(...times));
  if (made.length === attempts.length) context.measure('missed', target, made.filter(({ marked }) => marked.detectedMs === null).length);
  if (control !== null) context.measure('false_alarms', target, control.alerts.length);
  context.outcome(target, `${times.length} of ${attempts.length} detected`);
}

function findingOf({ expectation, probe, marked }: Attempt, target: Target, { within }: Params): Finding {
  const { rule } = expectation;
  const about = {
    probe: pairs[probe.id] ?? `DET-${probe.id}`,
    title: `${probe.id} raises ${rule === undefined ? 'an alert' : `“${rule}”`}`,
    target: target.name,
    severity: 'high' as const,
    waivedUntil: null,
  };
  const [step] = marked.results;
  if (step === undefined) return { ...about, state: 'inconclusive', evidence: 'it was not attempted: the dummy gave no answer' };
  const attempt = `\`${shown(step.command)}\` → ${step.exitCode}`;
  if (marked.detectedMs !== null)
    return { ...about, state: 'holds', evidence: `detected after ${formatDuration(marked.detectedMs)} [${attempt}]` };
  if (marked.deaf !== null) return { ...about, state: 'inconclusive', evidence: `${marked.deaf} [${attempt}]` };
  const others = [...new Set(marked.alerts.map((alert) => JSON.stringify(alert.rule)))];
  const evidence =
    others.length > 0
      ? `its mark came with ${others.join(', ')} only, within ${formatDuration(within)}`
      : `no alert with its mark came within ${formatDuration(within)}`;
  return { ...about, state: 'broken', evidence: `${evidence} [${attempt}]` };
}

function controlFinding(control: Marked, heard: boolean, target: Target, { within }: Params): Finding {
  const about = { probe: harmless.id, title: harmless.title, target: target.name, severity: harmless.severity, waivedUntil: null };
  if (control.alerts.length > 0) {
    const rules = [...new Set(control.alerts.map((alert) => JSON.stringify(alert.rule)))].join(', ');
    return { ...about, state: 'broken', evidence: `reading /proc/self/comm raised ${rules}` };
  }
  if (control.results.length === 0) return { ...about, state: 'inconclusive', evidence: 'it was not done: the dummy gave no answer' };
  if (control.deaf !== null) return { ...about, state: 'inconclusive', evidence: control.deaf };
  // a dead pipeline is silent too
  if (!heard)
    return {
      ...about,
      state: 'inconclusive',
      evidence: `none came within ${formatDuration(within)}, but no alert came for the attempts either`,
    };
  return { ...about, state: 'holds', evidence: `none came within ${formatDuration(within)}, while the attempts raised theirs` };
}
