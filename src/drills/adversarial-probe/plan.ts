import type { ImageInspect } from '../../domain/engine/images.ts';
import type { NetworkInspect } from '../../domain/engine/networks.ts';
import { InvalidError, RefusedError } from '../../domain/errors.ts';
import type { Plan, PlanContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import { chosen, weakDummies } from '../../probes/catalogue.ts';
import { refuseFarDecoy } from '../../probes/far-decoy.ts';
import { endpointOf } from '../../probes/outside.ts';
import { imagesOf, plannedClone, plannedGround, plannedLook } from '../../probes/planned.ts';
import type { Outside, Probe } from '../../probes/probe.ts';
import type { Params } from './params.ts';
import { countingForNothing } from './services.ts';
import { expired, refuseTooLong } from './waivers.ts';

/** Nothing is done to a target itself: each is a unit of its own. Throws `InvalidError`, `RefusedError`. */
export async function plan(context: PlanContext<Params>): Promise<Plan> {
  const { engine, params, targets, clock } = context;
  if (params.selfTest === 'full' && engine.environment === 'production') {
    throw new RefusedError(
      'self_test',
      'params.selfTest: "full" plants weaknesses that reach the host, which is never done on production',
      { hint: 'selfTest: safe' },
    );
  }
  refuseTooLong(params.waivers, clock.now());
  const unused = await countingForNothing(context);
  // with a decoy egress is false: nothing is to leave the host
  const networks = await engine.networks({}, { signal: context.signal });
  if (params.decoy !== undefined) refuseFarDecoy(endpointOf(params.decoy), networks, targets);
  const probes = probesOf(params);
  if (probes.length === 0)
    throw new InvalidError('no_probes', 'params.except leaves no probe of those that are named', { hint: 'pitwall probes' });
  const images = await imagesOf(engine, targets, context.signal);
  return {
    units: targets.map((target) => ({
      targets: [target],
      actions: actionsFor(target, images.get(target.inspect.Image) ?? null, { probes, networks, outside: outsideOf(params) }),
      untouched: true,
    })),
    idle: [],
    notes: [
      params.selfTest === 'off'
        ? 'selfTest is off: no probe is seen to fail first'
        : `the same commands are run in containers of the helper image that are weak on purpose, on no network: ${plantedFor(probes, params).join(', ')}`,
      ...(params.egress ? ['egress is true: packets may leave the host'] : []),
      ...expired(params.waivers, clock.now()),
      ...(unused === null ? [] : [unused]),
    ],
  };
}

export function probesOf(params: Params): readonly Probe[] {
  return chosen(params.probes, params.except, outsideOf(params) !== null);
}

export function outsideOf({ egress, decoy }: Params): Outside | null {
  if (decoy !== undefined) return { decoy };
  return egress ? { real: true } : null;
}

/** Those that are started; the API is asked about others, which never are. */
function plantedFor(probes: readonly Probe[], { selfTest }: Params): string[] {
  const wanted = new Set(probes.flatMap(({ weakness }) => ('in' in weakness ? [weakness.in] : [])));
  const started = weakDummies.filter(({ how, reachesHost }) => how === 'run' && (reachesHost !== true || selfTest === 'full'));
  return started.map(({ name }) => name).filter((name) => wanted.has(name));
}

interface Attempts {
  readonly probes: readonly Probe[];
  readonly networks: readonly NetworkInspect[];
  readonly outside: Outside | null;
}

/** What is done about one target, and every command that is run beside it and in its clones. */
function actionsFor({ name, inspect }: Target, image: ImageInspect | null, { probes, networks, outside }: Attempts): string[] {
  const asked = probes.filter((probe) => probe.steps === undefined).map(({ id }) => id);
  const ask = `ask the API about ${name} for ${asked.join(', ') || 'nothing'}`;
  const look = inspect.State.Running ? plannedLook(inspect, name) : [];
  if (inspect.HostConfig.Privileged === true)
    return [ask, ...look, `remove the helper; ${name} is privileged, so nothing is attempted in a clone of it`];
  if (image === null) return [ask, `the image of ${name} is gone: it cannot be probed`];
  const ground = plannedGround(inspect, image, networks, outside);
  const [together, alone] = [probes.filter((probe) => probe.alone === undefined), probes.filter((probe) => probe.alone !== undefined)];
  return [
    ask,
    ...look,
    ...plannedClone(
      `start a clone of ${name} that runs nothing of its own, and in it${look.length > 0 ? ' the same and' : ''}`,
      together,
      ground,
    ),
    ...alone.flatMap((probe) => plannedClone(`start one more clone, whose limit is tried (${probe.alone}), and in it`, [probe], ground)),
    'remove all of these',
  ];
}
