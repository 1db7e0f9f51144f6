import { InvalidError } from '../../domain/errors.ts';
import { visible } from '../../domain/inert.ts';
import type { RunEvent, RunRecord, Verdict } from '../../domain/words.ts';
import { asked } from '../identity.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the journal is made from beside the record. */
export interface JournalParts {
  /** Names of the steady state's checks; none where there was no steady state, or it was never sampled. */
  readonly checks: readonly string[];
  readonly events: readonly Pick<RunEvent, 'type' | 'message'>[];
  /** Pitwall's own. */
  readonly version: string;
}

/**
 * A run as a journal of the Chaos Toolkit (https://chaostoolkit.org/reference/api/journal/), for what reads such journals: `chaos report`. Its four
 * statuses know less than our verdicts, which are in `experiment.extensions`.
 *
 * @throws InvalidError `run_goes_on` for a run that has not ended.
 */
export function chaosToolkitJournal(record: RunRecord, parts: JournalParts): Json {
  const { verdict, endedAt } = record;
  if (verdict === null || endedAt === null) {
    throw new InvalidError('run_goes_on', `run ${record.id} has not ended, and a journal is of an ended one`, {
      hint: `pitwall show ${record.id}`,
    });
  }
  const span = { start: isoformat(record.startedAt), end: isoformat(endedAt), duration: (record.durationMs ?? 0) / 1_000 };
  const provider = { type: 'process', path: 'pitwall', arguments: ['run', record.drill ?? record.kind] };
  const activity = (type: 'action' | 'probe', name: string) => ({ type, name: visible(name), provider });
  const done = (one: ReturnType<typeof activity>, succeeded: boolean, output: unknown) => ({
    activity: one,
    ...span,
    status: succeeded ? 'succeeded' : 'failed',
    output,
  });
  const actions = record.targets
    .filter(({ leftOut }) => leftOut === null)
    .map((target) => done(activity('action', `${record.kind} on ${target.name}`), target.outcome !== null, target.outcome));
  const faults = record.faults.map((fault) =>
    done(activity('action', `${fault.kind} on ${fault.target}`), fault.effect === 'proven', {
      effect: fault.effect,
      injectedAt: fault.injectedAt,
    }),
  );
  // what was finished as wanted has no undo
  const undos = record.faults
    .filter(({ undo, undoneAt }) => undo !== 'clean' || undoneAt !== null)
    .map(({ kind, target, undo, undoneAt }) =>
      done(activity('action', `undo of ${kind} on ${target}`), undo === 'clean', { undo, undoneAt }),
    );
  const findings = asked(record).map(({ worst: { probe, title, state, severity, evidence, waivedUntil }, subject, all }) =>
    done(activity('probe', `${probe} ${title}${subject === '' ? '' : ` (${subject})`}`), state !== 'inconclusive', {
      state,
      severity,
      evidence,
      waivedUntil,
      targets: [...new Set(all.flatMap(({ target }) => target ?? []))],
    }),
  );
  const measurements = record.measurements.map(({ name, target, value, unit, objective, met }) =>
    done(activity('probe', `${name}${target === null ? '' : ` of ${target}`}`), true, { value, unit, objective, met }),
  );
  const run = [...actions, ...faults, ...findings, ...measurements];
  const checks = parts.checks.map((name) => ({ ...activity('probe', name), tolerance: true }));
  const title = record.drill ?? record.kind;
  return {
    // readers choose their template by it: the version whose format this is
    'chaoslib-version': '1.44.0',
    platform: visible(`Pitwall ${parts.version}, Docker ${record.engine.version ?? 'unknown'}`),
    node: visible(record.engine.name),
    experiment: {
      version: '1.0.0',
      title: visible(title),
      description: visible(`${record.kind}: ${record.reason}`),
      tags: ['pitwall', record.kind],
      ...(checks.length === 0 ? {} : { 'steady-state-hypothesis': { title: `the steady state of ${visible(title)}`, probes: checks } }),
      method: run.map((one) => one.activity),
      rollbacks: undos.map((undo) => undo.activity),
      extensions: [extension(record)],
      dry: null,
    },
    ...span,
    status: statuses[verdict],
    deviated: verdict === 'failed',
    steady_states: steadyStates(checks, parts.events, span),
    run,
    rollbacks: undos,
  };
}

/** `completed`: went through; `failed`: a probe could not be asked. */
const statuses: Readonly<Record<Verdict, 'completed' | 'failed' | 'aborted' | 'interrupted'>> = {
  passed: 'completed',
  failed: 'completed',
  inconclusive: 'failed',
  refused: 'aborted',
  aborted: 'interrupted',
  error: 'aborted',
};

function steadyStates(checks: readonly Json[], events: JournalParts['events'], span: Json): Json {
  if (checks.length === 0) return { before: null, after: null, during: [] };
  const said = events.filter(({ type }) => type === 'steady-state').map(({ message }) => message);
  const state = (met: boolean) => ({
    steady_state_met: met,
    probes: checks.map((activity) => ({ activity, ...span, status: 'succeeded', output: met, tolerance_met: met })),
  });
  const after = said.find((message) => message.startsWith('holds after') || message.startsWith('lost after'));
  return {
    before: state(said.includes('holds before')),
    after: after === undefined ? null : state(after.startsWith('holds')),
    during: [],
  };
}

function extension({ id, verdict, reason, seed, definition, trigger, actor, engine, residue, evidence, artifacts }: RunRecord): Json {
  return { name: 'pitwall', run: id, verdict, reason, seed, definition, trigger, actor, engine, residue, evidence, artifacts };
}

/** As Python writes it. */
function isoformat(instant: string): string {
  return instant.replace(/Z$/, '+00:00');
}
