import { randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import { allDone } from '../../domain/all-done.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Json } from '../../domain/journal.ts';
import type { RunContext } from '../../domain/kind.ts';
import { saltedHash } from '../../domain/salted-hash.ts';
import type { Target } from '../../domain/target.ts';
import type { Finding } from '../../domain/words.ts';
import { weakDummies } from '../../probes/catalogue.ts';
import { withControl } from '../../probes/decoy.ts';
import { type Surroundings, surroundings } from '../../probes/gather.ts';
import type { Outside, Probe } from '../../probes/probe.ts';
import { inconclusive } from '../../probes/probe.ts';
import { type Probed, probeTarget } from '../../probes/probe-target.ts';
import { detectionRate, selfTest, type Tested } from '../../probes/self-test.ts';
import { openTools, type Workshop } from '../../probes/tools.ts';
import { allowed } from './allow.ts';
import { findingsOf, tally } from './findings.ts';
import { differences, takeInventory } from './inventory.ts';
import type { Params } from './params.ts';
import { outsideOf, probesOf } from './plan.ts';
import { countingForNothing, serviceOf } from './services.ts';

type Context = RunContext<Params>;

/** Weak dummies that are started at the same time: an engine does not answer faster for being asked more at once. */
const atOnce = 4;

interface Bench {
  readonly shop: Workshop;
  readonly probes: readonly Probe[];
  readonly around: Surroundings;
  readonly outside: Outside | null;
  hashed(value: string): string;
}

export async function run(context: Context): Promise<void> {
  const { engine, runId, instance, clock, signal } = context;
  const unused = await countingForNothing(context);
  if (unused !== null) context.event('policy', null, unused);
  const helperImage = (await context.helperImage()).reference;
  const before = await takeInventory(engine, signal);
  const base = { engine, runId, instance, now: () => clock.now(), signal, helperImage };
  const around = await surroundings(engine, clock.now(), signal);
  const tools = await openTools(base);
  try {
    await probeAll({ ...base, tools }, around, context);
  } finally {
    if ('volume' in tools) await engine.removeVolume(tools.volume);
  }
  await asBefore(before, context);
}

/** The self-test and the targets side by side; a target's findings are written once it is known what they count for. */
async function probeAll(shop: Workshop, around: Surroundings, context: Context): Promise<void> {
  const { params } = context;
  const hashed = saltedHash(randomBytes(32));
  const bench: Bench = {
    shop,
    outside: await withControl(shop, outsideOf(params), around.running),
    probes: probesOf(params),
    around: amongThemselves(around, context.targets),
    hashed: (value) => hashed(value).slice(0, 8),
  };
  const testing = testSelf(bench, context);
  // it is awaited below; until then its failure is nobody's
  testing.catch(() => undefined);
  const reports: Promise<Json>[] = [];
  // not all at the end: a run that is ended later has them
  const probing = context.forEachUnit(
    async ({ targets }) => {
      for (const target of targets) {
        const probed = await probeOne(target, bench, context);
        const reported = testing.then((tested) => report(target, probed, tested, context));
        reported.catch(() => undefined);
        reports.push(reported);
      }
    },
    { parallel: params.parallel },
  );
  const [tested] = await allDone([testing, probing]);
  const outcomes = tested === null ? null : [...tested].map(([id, { outcome, reason }]) => ({ id, outcome, reason }));
  context.artifact('probes', { selfTest: outcomes, targets: await allDone(reports) });
}

async function testSelf({ shop, probes, around, outside, hashed }: Bench, context: Context): Promise<ReadonlyMap<string, Tested> | null> {
  const { params } = context;
  if (params.selfTest === 'off') return null;
  const tested = await selfTest(shop, {
    probes,
    weakDummies,
    host: around.host,
    full: params.selfTest === 'full',
    outside,
    hashed,
    limit: pLimit(atOnce),
  });
  // without tools only what the API says was tested, of which nobody should think that it is the whole
  const rate = 'none' in shop.tools ? null : detectionRate(tested);
  const of = (outcome: Tested['outcome']) => [...tested].filter(([, one]) => one.outcome === outcome).map(([id]) => id);
  const blind = of('blind');
  const untested = of('untested');
  context.event(
    'self-test',
    null,
    [
      `${of('red').length} probes were broken where their weakness is planted`,
      ...(blind.length > 0 ? [`not seen to fail, so they count for nothing: ${blind.join(', ')}`] : []),
      ...(untested.length > 0 ? [`could not be tested here: ${untested.join(', ')}`] : []),
    ].join('; '),
    { rate, blind, untested },
  );
  if (rate !== null) context.measure('detection_rate', null, rate);
  if (tested.size > 0) context.measure('self_tested', null, (tested.size - untested.length) / tested.size);
  return tested;
}

async function probeOne(target: Target, { shop, probes, around, outside, hashed }: Bench, context: Context): Promise<Probed> {
  const { params } = context;
  try {
    const allow = allowed(params.allow[serviceOf(target)]);
    const probed = await probeTarget(shop, target.inspect, { probes, around, allow, outside, hashed });
    const gone = await whyGone(target, context);
    const likeness =
      gone === null ? probed.likeness : inconclusive(`${gone} while it was probed, so what its dummy shows may not hold for it`);
    context.event('probed', target, [`${probed.evaluated.length} probes`, ...probed.notes].join('; '));
    return { ...probed, likeness };
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    return { evaluated: [], likeness: inconclusive(`it could not be probed: ${error.message}`), notes: [] };
  }
}

/** A target that was made for the run never ran. */
async function whyGone({ id, inspect }: Target, { engine, signal }: Context): Promise<string | null> {
  try {
    const { State } = await engine.inspect(id, { signal });
    if (State.Running !== inspect.State.Running) return 'it ended';
    return State.StartedAt === inspect.State.StartedAt ? null : 'it was started again';
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return 'it was removed';
    throw error;
  }
}

/** Beside what is not deployed yet stands what will be deployed with it, and not what this machine happens to run. */
function amongThemselves(around: Surroundings, targets: readonly Target[]): Surroundings {
  const given = targets.every(({ inspect }) => inspect.State.Status === 'created');
  return given ? { ...around, running: targets.map(({ inspect }) => inspect), silent: [] } : around;
}

/** Writes what came of one target; what the run's artifact has of it. */
function report(target: Target, probed: Probed, tested: ReadonlyMap<string, Tested> | null, context: Context): Json {
  const findings = findingsOf(target, probed, tested, context.params, context.clock.now());
  context.findings(findings);
  const count = (state: Finding['state']) => findings.filter((finding) => finding.state === state).length;
  context.measure('probes', target, probed.evaluated.length);
  context.measure('broken', target, count('broken'));
  context.measure('inconclusive', target, count('inconclusive'));
  context.outcome(target, `probed: ${tally(findings)}`);
  return {
    name: target.name,
    service: target.service,
    notes: probed.notes,
    dummy: probed.likeness === null ? null : { state: probed.likeness.state, evidence: probed.likeness.evidence },
    probes: probed.evaluated.map(({ probe, answer, raw }) => ({
      id: probe.id,
      safety: probe.safety,
      answer: answer.state,
      evidence: answer.evidence,
      steps: raw.map((step) => ({ ...step })),
    })),
  };
}

/** Compared, not assumed. */
async function asBefore(before: Awaited<ReturnType<typeof takeInventory>>, context: Context): Promise<void> {
  const { left, others } = differences(before, await takeInventory(context.engine), context.runId);
  for (const name of left) context.residue(`${name} of this run is still there: pitwall recover removes it`);
  const note = others.length === 0 ? '' : `; not of this run: ${others.slice(0, 20).join(', ')}`;
  context.event(
    'as-before',
    null,
    `containers, networks, volumes and images were compared: ${left.length === 0 ? 'nothing of this run is left' : `${left.length} left`}${note}`,
  );
}
