import type { RunContext } from '../../domain/kind.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Finding } from '../../domain/words.ts';
import type { DeliveryData } from './deliver/data.ts';
import type { Unread } from './holders/contract.ts';
import { findHolders, type Holder } from './holders/find-holders.ts';
import { searchOld } from './holders/search-old.ts';
import type { Params } from './params.ts';
import type { System, SystemScope } from './system.ts';

type Finds = readonly Omit<Finding, 'waivedUntil'>[];

export interface Around {
  readonly context: RunContext<Params>;
  readonly scope: SystemScope;
  readonly system: System<Params['own']>;
}

/** Most places that are told one by one. */
const mostTold = 20;

/** Before the leak: who holds the credential in use beside those that the drill reckons with. */
export async function holdersBeyond(
  secret: Secret,
  deliveries: readonly DeliveryData[],
  { context, scope, system }: Around,
): Promise<Finds> {
  const { params, engine } = context;
  const named = await Promise.all([...servicesOf(system, params)].map((service) => scope.service(service)));
  const files = await Promise.all(
    deliveries.map(async ({ container, secret: { path } }) => ({ container: await engine.inspect(container.name), path })),
  );
  const name = typeof params.own.role === 'string' ? params.own.role : null;
  const found = await findHolders(scope, { secret, name, files, named: named.flat() });
  // what the drill itself keeps beside a file is gone by its end
  const holders = found.holders
    .map((holder) => ({ ...holder, places: holder.places.filter(({ place }) => !/\.pitwall-[0-9a-f]{12}/.test(place)) }))
    .filter(({ places }) => places.length > 0);
  const { unread } = found;
  context.event(
    'holders',
    null,
    `held by ${holders.map(({ container, places }) => `${container} (${places.map(({ place }) => place).join(', ')})`).join('; ') || 'nobody that could be looked at'}`,
    { unread: unread.map(({ container, what }) => `${container ?? 'the engine'}: ${what}`) },
  );
  const beyond = holders.filter((holder) => !holder.named);
  return [
    ...beyond.map(beyondTheDrill),
    ...(unread.length === 0
      ? beyond.length > 0
        ? []
        : [
            {
              probe: 'ROT-consumer',
              title: 'nobody else holds it',
              target: null,
              state: 'holds' as const,
              severity: 'low' as const,
              evidence: 'environment, files, mounts and references of every container were searched',
            },
          ]
      : [
          {
            probe: 'ROT-consumer',
            title: 'nobody else holds it, for all that could be seen',
            target: null,
            state: 'inconclusive' as const,
            severity: 'low' as const,
            evidence: `not seen: ${whatOf(unread)}`,
          },
        ]),
  ];
}

/** Who has a copy of its own is cut off; who has a consumer's file mounted sees the new one there. */
function beyondTheDrill({ container, places }: Holder): Finds[number] {
  const hasOwn = places.some(({ foundBy }) => foundBy.includes('value') && !foundBy.includes('mount'));
  return {
    probe: 'ROT-consumer',
    title: `${container} holds it too, and is no consumer of the drill${hasOwn ? ': it will be cut off' : ''}`,
    target: container,
    state: 'broken',
    severity: hasOwn ? 'medium' : 'low',
    evidence: places.map(({ place, foundBy }) => `${place} (found by ${foundBy.join(', ')})`).join('; '),
  };
}

function whatOf(unread: readonly Unread[]): string {
  return unread.map(({ container, what }) => `${container === null ? '' : `${container}: `}${what}`).join('; ');
}

/** After it: where the old one still lies. `written`: what the run wrote of itself. */
export async function residueOf(
  secret: Secret,
  since: number,
  written: readonly string[],
  { context, scope, system }: Around,
): Promise<Finds> {
  const { params } = context;
  const servers = new Set(system.services(params.own));
  const containers = await Promise.all(
    context.targets.map(async ({ name, service }) => {
      const found = await scope.service(service ?? name);
      return found.map(({ Id }) => ({ Id, server: servers.has(service ?? name) }));
    }),
  );
  const unique = [...new Map(containers.flat().map((one) => [one.Id, one])).values()];
  const { places, unread, beyond, searched } = await searchOld(scope, {
    values: [{ what: 'old', secret }],
    containers: unique,
    since,
    logsOfRun: () => written,
  });
  const told = places.slice(0, mostTold).map(({ container, place, severity }) => ({
    probe: 'ROT-residue',
    title: `the old one is still in ${place}`,
    target: container,
    state: 'broken' as const,
    severity,
    evidence: places.length > mostTold ? `one of ${places.length} places` : place,
  }));
  const notRead = whatOf(unread);
  const evidence = `${searched} containers were searched${notRead === '' ? '' : `, but for ${notRead}`}; never searched: ${beyond.join('; ')}`;
  if (told.length > 0) return [...told, note('not-applicable', 'what was searched for the old one', evidence)];
  if (notRead === '') return [note('holds', 'the old one is found nowhere', evidence)];
  return [note('inconclusive', 'the old one is found nowhere, but not all could be read', evidence)];
}

function note(state: Finding['state'], title: string, evidence: string): Finds[number] {
  return { probe: 'ROT-residue', title, target: null, state, severity: 'low', evidence };
}

function servicesOf(system: System<Params['own']>, params: Params): Set<string> {
  return new Set([...system.services(params.own), ...params.consumers.map(({ service }) => service)]);
}
