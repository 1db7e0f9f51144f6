import { RefusedError } from '../../domain/errors.ts';
import type { Plan, PlanContext } from '../../domain/kind.ts';
import type { Target } from '../../domain/target.ts';
import { tellInWords, tellOf } from './deliver/schema.ts';
import type { Consumer, Params } from './params.ts';
import { systemOf } from './systems.ts';

/** What will be done to whom. Throws `RefusedError` when a service that is needed has no running target. */
export async function plan({ params, targets }: PlanContext<Params>): Promise<Plan> {
  const system = await systemOf(params.system);
  const needed = [...system.services(params.own), ...params.consumers.map(({ service }) => service)];
  for (const service of new Set(needed))
    if (!targets.some((target) => isOf(target, service)))
      throw new RefusedError('no_service', `no target of service ${service} runs`, { hint: 'name it in targets, and let it opt in' });
  // else the new one would be known to nobody, and all who had the old one locked out
  if (system.handsOver?.(params.own) !== true && params.credential === 'real' && params.consumers.every(({ deliver }) => deliver === null))
    throw new RefusedError('no_delivery', 'with credential: real nobody would be given the new one', {
      hint: 'say in params.consumers how each takes it (deliver), or rehearse with credential: canary',
    });
  const plans = params.plan === 'both' ? (['planned', 'leak'] as const) : [params.plan];
  const steps = plans.flatMap((one) => system.actions(params.own, one, params.credential));
  const restarted = system.stops?.(params.own) ?? [];
  const tried = `try the old one every ${params.probeEvery} ms from inside ${[...new Set(targets.map(({ service, name }) => service ?? name))].join(', ')}`;
  return {
    units: targets.map((target) => {
      const consumer = params.consumers.find(({ service }) => isOf(target, service));
      const given = params.credential === 'real' ? deliveryOf(consumer) : null;
      const serves = system.services(params.own).some((service) => isOf(target, service));
      return {
        targets: [target],
        untouched: !stops(consumer, params) && !restarted.some((service) => isOf(target, service)),
        actions: [
          ...(serves ? [...steps, tried] : []),
          ...(given === null ? [] : [given]),
          ...(serves || given !== null ? [] : ['nothing but asking from its network']),
        ],
      };
    }),
    idle: [],
    notes: notesOn(params),
  };
}

/** By service, or by name where it has none. */
export function isOf(target: Pick<Target, 'service' | 'name'>, service: string): boolean {
  return target.service === service || target.name === service;
}

/** Whether its delivery stops a container, and with it every helper in its network. */
export function stops(consumer: Consumer | undefined, { credential }: Params): boolean {
  const deliver = consumer?.deliver ?? null;
  return credential === 'real' && deliver !== null && ['restart', 'recreate'].includes(tellOf(deliver).how);
}

function deliveryOf(consumer: Consumer | undefined): string | null {
  const deliver = consumer?.deliver ?? null;
  if (deliver === null) return null;
  const user = deliver.userFile === undefined ? '' : ` and the name of its user to ${deliver.userFile}`;
  return `write the new one to ${deliver.file}${user}, and ${tellInWords(tellOf(deliver))}`;
}

function notesOn({ plan, credential, consumers, onFailure }: Params): string[] {
  return [
    credential === 'canary'
      ? 'a canary leaks: the credential in use is not touched, and no consumer is given another'
      : 'the credential in use is rotated; what was there is kept in the system itself until the end, and put back if not all is well',
    ...(plan === 'leak' && credential === 'real'
      ? ['plan leak refuses the old one first: consumers fail until they have the new one']
      : []),
    ...(onFailure === 'keep'
      ? [
          'onFailure: keep: the old one stays refused, whoever cannot work without it; but when a step fails, or the run is stopped, it is put back all the same',
        ]
      : []),
    ...(consumers.some(({ prove }) => prove !== null) ? [] : ['no consumer has a `prove`: failed requests are not counted']),
  ];
}
