import { nearest } from '../../config/nearest.ts';
import { InvalidError } from '../../domain/errors.ts';
import type { Protocol } from '../../domain/matrix.ts';
import type { Policy, Rule } from './params.ts';
import { includesPort } from './ports.ts';
import type { Place, World } from './world.ts';

/** Whether the policy lets one connect to the other's own port. */
export function allows(policy: Policy, from: Place, to: Place, port: number | null, protocol: Protocol): boolean {
  return policy.allow.some(
    (rule) =>
      rule.protocol === protocol &&
      means(rule.from, from) &&
      means(rule.to, to) &&
      (port === null ? rule.ports === null : includesPort(rule.ports, port)),
  );
}

export function allowsHost({ host }: Policy, port: number): boolean {
  return host === 'allow' || (host !== 'deny' && includesPort(host, port));
}

/** A rule names a service, or one of its containers. */
export function means(name: string, place: Place): boolean {
  return name === place.service || name === place.name || place.alsoCalled.includes(name);
}

/** A name that nobody bears would be a rule that nothing tests. */
export function refuseUnknown({ allow }: Policy, { places, stopped }: World): void {
  const services = [...new Set([...places.map(({ service }) => service), ...stopped])].toSorted();
  const known = new Set([...services, ...places.flatMap(({ name, alsoCalled }) => [name, ...alsoCalled])]);
  for (const [i, rule] of allow.entries()) {
    for (const end of ['from', 'to'] as const) {
      if (known.has(rule[end])) continue;
      const meant = nearest(rule[end], services);
      throw new InvalidError(
        'unknown_service',
        `params.policy.allow[${i}].${end}: ${JSON.stringify(rule[end])} is no service and no container that the targets could meet${meant === null ? '' : ` (did you mean ${JSON.stringify(meant)}?)`}`,
        { hint: `name one of: ${services.join(', ')}`, context: { [end]: rule[end] } },
      );
    }
  }
}

/** Rules about what does not run now: nothing can be said of them. */
export function idleRules({ allow }: Policy, { stopped, places }: World): Rule[] {
  const runs = (name: string) => places.some((place) => means(name, place));
  return allow.filter((rule) => [rule.from, rule.to].some((name) => stopped.includes(name) && !runs(name)));
}
