import type { Prober } from '../../checks/prober/contract.ts';
import { plainName } from '../../container/names.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { InconclusiveError } from '../../domain/errors.ts';
import type { RunContext } from '../../domain/kind.ts';
import { newSecret } from '../../domain/secret.ts';
import type { Params } from './params.ts';
import { isOf, stops } from './plan.ts';
import { silence } from './silence.ts';
import type { Credential, Point, System, SystemScope } from './system.ts';

/** From several places, for servers judge by where one comes from; more would only add load. */
const mostPlaces = 3;

/** Probers in the networks of the targets: consumers first, one replica a service, none that the drill itself will stop. */
export async function openVantages(
  { params, targets }: Pick<RunContext<Params>, 'params' | 'targets'>,
  system: Pick<System<Params['own']>, 'stops' | 'from'>,
  scope: SystemScope,
): Promise<Prober[]> {
  const from = system.from?.(params.own);
  const stopped = system.stops?.(params.own) ?? [];
  const consumers = params.consumers.map(({ service }) => service);
  const rank = (name: string) => (consumers.includes(name) ? consumers.indexOf(name) : consumers.length);
  const stay = targets.filter(
    (target) =>
      (from === undefined || from.some((service) => isOf(target, service))) &&
      !stopped.some((service) => isOf(target, service)) &&
      !stops(
        params.consumers.find(({ service }) => isOf(target, service)),
        params,
      ),
  );
  const services = [...new Set(stay.map(({ service, name }) => service ?? name))].toSorted((a, b) => rank(a) - rank(b));
  const containers: ContainerInspect[] = [];
  for (const service of services) {
    const [first] = await scope.service(service);
    if (first !== undefined && first.HostConfig.NetworkMode !== 'none') containers.push(first);
  }
  if (containers.length === 0)
    throw new InconclusiveError(
      'no_vantage',
      'there is no target from whose network the credential could be tried: the drill stops all of them',
    );
  return Promise.all(containers.slice(0, mostPlaces).map((container) => scope.prober(container)));
}

export interface Controls {
  reaches(prober: Prober, point: Point): boolean;
  /** Points that let in a password that was never given out. */
  readonly careless: ReadonlySet<string>;
}

/**
 * Before the leak, from everywhere: the old credential is let in, and one that was never given out is not. A place that a point cannot be reached from is left out;
 * a point that nobody reaches, or that refuses the old one, makes the drill inconclusive.
 */
export async function tryControls(
  points: readonly Point[],
  probers: readonly Prober[],
  old: Credential,
  context: RunContext<Params>,
): Promise<Controls> {
  const timeoutMs = 5_000;
  const reached = new Map<string, Set<Prober>>();
  const careless = new Set<string>();
  const { credential, own } = context.params;
  // a rule for one name, as pg_hba.conf may have, is not the canary's
  const names = credential === 'canary' && old.user !== null && typeof own.role === 'string' ? [old.user, own.role] : [old.user];
  for (const point of points.filter(({ modes }) => modes.includes('login'))) {
    const answers = await Promise.all(
      probers.map(async (prober) => {
        const door = point.door(old.user);
        const without = door.protocol === 'tls' || door.protocol === 'tls-server' ? [] : names;
        const wrong = await Promise.all(
          without.map((user) => prober.once({ door: point.door(user), secret: newSecret(), mode: 'login', timeoutMs })),
        );
        return { prober, wrong, right: await prober.once({ door, secret: old.secret, mode: 'login', timeoutMs }) };
      }),
    );
    if (answers.some(({ wrong }) => wrong.some(({ answer }) => answer === 'accepted'))) careless.add(point.name);
    const open = answers.filter(({ right }) => right.answer === 'accepted');
    const refused = answers.find(({ right }) => right.answer === 'refused');
    if (refused !== undefined)
      throw new InconclusiveError(
        'old_refused',
        `${point.name} refuses the old credential before the leak (${refused.right.code ?? ''}, from ${refused.prober.where}), so nothing can be proven there`,
        context.params.credential === 'real'
          ? { hint: 'see that the value given as the one in use (by the drill, or by the first consumer’s file) is the one of this user' }
          : {
              hint: 'what has a list of its own, as a pooler may, does not know a canary: leave it out, or rehearse with credential: real',
            },
      );
    if (open.length === 0)
      throw new InconclusiveError(
        'no_control',
        `${point.name} does not answer from any target (${answers.map(({ right, prober }) => `${prober.where}: ${silence(right.code)}`).join(', ')})`,
      );
    for (const { prober, right } of answers)
      if (right.answer !== 'accepted')
        context.event(
          'control',
          null,
          `${point.name} is not reached from ${prober.where} (${silence(right.code)}): nothing is tried from there`,
        );
    reached.set(point.name, new Set(open.map(({ prober }) => prober)));
  }
  return { reaches: (prober, point) => reached.get(point.name)?.has(prober) ?? true, careless };
}

/** `api (shop-api-1)` for an address of a target; the address itself for one that is nobody's. */
export function namesOf(containers: readonly ContainerInspect[], targets: RunContext<Params>['targets']): (address: string) => string {
  const names = new Map(
    containers.flatMap((container) =>
      Object.values(container.NetworkSettings.Networks).map((end) => {
        const name = plainName(container.Name);
        const service = targets.find((target) => target.name === name)?.service;
        return [end.IPAddress, service ? `${service} (${name})` : name] as const;
      }),
    ),
  );
  return (address) => names.get(address) ?? address;
}
