import { EngineError, InconclusiveError } from '../../domain/errors.ts';
import type { Json } from '../../domain/journal.ts';
import type { RunContext, WorkUnit } from '../../domain/kind.ts';
import type { Matrix } from '../../domain/matrix.ts';
import type { Finding } from '../../domain/words.ts';
import { withoutScope } from '../../probes/addresses.ts';
import { type Cell, cellOf, type Lost, matrixCell } from './cells.ts';
import { judgeSource, withoutTwins } from './judge.ts';
import { type Measured, measure } from './measure.ts';
import type { Params } from './params.ts';
import { idleRules, means, refuseUnknown } from './policy.ts';
import { type Probe, type Seen, seenFrom } from './probes.ts';
import { unprovable } from './unprovable.ts';
import { openVantage, type Vantage } from './vantage.ts';
import { sharedVolumes } from './volumes.ts';
import { inspected, lookAround, type Place, type World } from './world.ts';

type Context = RunContext<Params>;

/** Helpers that start at once: the engine does little of it at the same time. */
const parallel = 8;

/** Goes into every target's network, connects to everything from there, and compares with the policy. Nothing of a target is changed. */
export async function run(context: Context): Promise<void> {
  const { params, engine, targets, signal, clock } = context;
  const world = await lookAround(engine, targets, signal);
  refuseUnknown(params.policy, world);
  const vantages = new Map<string, Vantage>();
  const lost = new Map<string, string>();
  const opening = openHost(context);
  // it is awaited on every way out; until then its failure is nobody's
  opening.catch(() => undefined);
  try {
    await context.forEachUnit((unit) => enter(unit, world, { vantages, lost }, context), { parallel });
    const host = await opening;
    signal.throwIfAborted();
    const seen = seenFrom(world, new Map([...vantages].map(([id, { own }]) => [id, own])), host?.own ?? null);
    const begun = clock.monotonic();
    const measured = await measure(seen, vantages, host, context);
    context.measure('probe_time', null, clock.monotonic() - begun);
    signal.throwIfAborted();
    await lookAgain(world, lost, context);
    report(seen, measured, lost, context);
  } finally {
    const host = await opening.catch(() => null);
    await closeAll([...vantages.values(), ...(host === null ? [] : [host])]);
  }
}

interface Entered {
  readonly vantages: Map<string, Vantage>;
  readonly lost: Map<string, string>;
}

/** A container that ends while we come is unknown, not a failure of the others. */
async function enter({ targets }: WorkUnit, world: World, { vantages, lost }: Entered, context: Context): Promise<void> {
  const [target] = targets;
  const place = world.places.find((one) => target !== undefined && one.targets.some(({ id }) => id === target.id));
  if (target === undefined || place === undefined) return;
  if (place.hostNetwork) return context.outcome(target, 'in the host’s network');
  if (place.target?.id !== target.id) return context.outcome(target, `in the network of ${place.name}`);
  try {
    const vantage = await openVantage({ container: target.id }, context);
    if (vantage === null) lost.set(place.id, `${place.name}: the helper ended before it said anything`);
    else vantages.set(place.id, vantage);
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost || context.signal.aborted) throw error;
    const now = await inspected(context.engine, target.id);
    if (now?.State.Running === true && !now.State.Restarting) throw error;
    lost.set(place.id, `${place.name} ended during the drill`);
  }
}

/** Without it the drill goes on: it then knows the host by the usual ports only, and has fewer controls. */
async function openHost(context: Context): Promise<Vantage | null> {
  try {
    return await openVantage('host', context);
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    context.event('host', null, `the host’s network could not be looked into: ${error.message}`);
    return null;
  }
}

async function closeAll(vantages: readonly Vantage[]): Promise<void> {
  const closed = await Promise.allSettled(vantages.map((vantage) => vantage.close()));
  const failed = closed.find((one) => one.status === 'rejected');
  // the sweep at the run's end takes what is left, and says so if it cannot
  if (failed !== undefined && !(failed.reason instanceof EngineError)) throw failed.reason;
}

/** What ended, began again or changed its networks meanwhile was silent for another reason than a wall. */
async function lookAgain({ places }: World, lost: Map<string, string>, { engine, signal }: Context): Promise<void> {
  await Promise.all(
    places.map(async ({ id, name, inspect }) => {
      const now = await inspected(engine, id, signal);
      const addresses = (one: typeof inspect) =>
        Object.values(one.NetworkSettings.Networks)
          .map((end) => `${end.IPAddress} ${end.GlobalIPv6Address ?? ''}`)
          .toSorted()
          .join();
      if (now === null || !now.State.Running) lost.set(id, `${name} ended during the drill`);
      else if (now.State.StartedAt !== inspect.State.StartedAt) lost.set(id, `${name} began again during the drill`);
      else if (addresses(now) !== addresses(inspect)) lost.set(id, `${name} changed its networks during the drill`);
    }),
  );
}

function report(seen: Seen, measured: Measured, lost: Lost, context: Context): void {
  const { params } = context;
  const { world } = seen;
  const all: Cell[] = [];
  const findings: Finding[] = [];
  for (const place of world.places.filter(({ target, hostNetwork }) => target !== null && !hostNetwork)) {
    const cells = measured.probes
      .filter(({ from }) => from === place)
      .map((probe) => cellOf(probe, params, measured, lost, established(seen)));
    const judged = judgeSource(place, cells);
    all.push(...judged.cells);
    findings.push(...judged.findings);
    tellOutcome(place, lost.get(place.id) ?? null, context);
  }
  findings.push(
    ...sharedVolumes(world.places, params.policy),
    ...unprovable(seen, lost, params),
    ...idleRules(params.policy, world).map(idle),
  );
  tellForwarders(seen, context);
  context.findings(findings.toSorted((a, b) => rank(a) - rank(b)));
  const cells = withoutTwins([...all.map(matrixCell), ...leftOut(seen, all, params)]);
  context.artifact('matrix', { cells } satisfies Matrix as unknown as Json);
  const count = (what: (cell: Cell) => boolean) => all.filter(what).length;
  context.measure('cells', null, all.length);
  context.measure(
    'denied_open',
    null,
    count(({ declared, disagreement }) => declared === 'deny' && disagreement !== null),
  );
  context.measure(
    'allowed_closed',
    null,
    count(({ disagreement }) => disagreement === 'allow-but-closed'),
  );
  context.measure(
    'unknown',
    null,
    count(({ measured: state }) => state === 'unknown'),
  );
  if (all.length === 0)
    throw new InconclusiveError('nothing_to_reach', 'there is nobody else to be reached, and no host: nothing was tested');
}

function tellOutcome(place: Place, why: string | null, context: Context): void {
  if (place.target !== null) context.outcome(place.target, why === null ? 'mapped' : 'unknown');
}

/** A connection of before the drill, in the source's own table. */
function established({ owns }: Seen): (probe: Probe) => boolean {
  return ({ from, address, port }) =>
    owns.get(from.id)?.established.some((one) => one.port === port && one.address === withoutScope(address)) ?? false;
}

/** Those that would pass on from one network to another what is sent to them. */
function tellForwarders({ owns, world }: Seen, context: Context): void {
  for (const place of world.places) {
    if (place.networks.length < 2 || owns.get(place.id)?.forwards !== true) continue;
    const names = place.networks.map((id) => world.networks.get(id)?.Name ?? id);
    context.event('forwards', place.target, `${place.name} is on ${names.join(' and ')} and forwards between them (ip_forward is 1)`);
  }
}

/** What nothing was connected to because no port of it is known stands in the matrix all the same. */
function leftOut({ world }: Seen, all: readonly Cell[], { policy }: Params): Matrix['cells'] {
  const sources = world.places.filter(({ target, hostNetwork }) => target !== null && !hostNetwork);
  const silent = world.places.filter((to) => to.skip && !all.some(({ probe }) => probe.to === to));
  return sources.flatMap((from) =>
    silent
      .filter((to) => to !== from)
      .map((to) => ({
        from: from.service,
        to: to.service,
        address: null,
        port: null,
        protocol: 'tcp' as const,
        declared: policy.allow.some((rule) => means(rule.from, from) && means(rule.to, to)) ? ('allow' as const) : ('deny' as const),
        simulated: to.networks.some((network) => from.networks.includes(network)) ? ('allow' as const) : ('deny' as const),
        measured: 'unknown' as const,
        disagreement: null,
      })),
  );
}

function idle({ from, to }: { readonly from: string; readonly to: string }): Finding {
  return {
    probe: 'NET-04',
    title: `${from} → ${to}: a rule that could not be tried`,
    target: null,
    state: 'inconclusive',
    severity: 'high',
    evidence: 'one of them does not run',
    waivedUntil: null,
  };
}

const order: readonly Finding['state'][] = ['broken', 'inconclusive', 'holds', 'not-applicable'];

function rank({ state, severity }: Finding): number {
  return order.indexOf(state) * 4 + ['critical', 'high', 'medium', 'low'].indexOf(severity);
}
