import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { RefusedError } from '../../../../domain/errors.ts';
import { type Delivery, type DeliveryData, type DeliveryScope, lookAtDelivery, othersThatSee } from '../../deliver/index.ts';
import type { SystemScope } from '../../system.ts';
import type { Data } from './data.ts';
import type { Params } from './params.ts';

export interface Places {
  readonly data: Data;
  /** Sentences on containers that will never see a new value, and on how the others are written. */
  readonly notes: readonly string[];
}

/** The file in every container of its service, and in every one that checks it. Throws `RefusedError` where one cannot be given a new value. */
export async function lookAtPlaces(params: Params, scope: SystemScope & DeliveryScope): Promise<Places> {
  const holders = await scope.service(params.service);
  if (holders.length === 0) throw new RefusedError('no_server', `no target of service ${params.service} runs`);
  const checkers = (await Promise.all(params.points.map(({ service }) => scope.service(service)))).flat();
  const all = [...new Map([...holders, ...checkers].map((one) => [one.Id, one])).values()];
  const current = await lookAll(all, params.path, params, scope, { role: 'file' });
  const twoValues = scope.plan === 'planned' && params.accepts !== undefined;
  const next = twoValues
    ? await lookAll(all, params.accepts?.file ?? '', { ...params, take: {} }, scope, { role: 'next', mayBeMissing: true })
    : [];
  return {
    data: { current: current.map(({ data }) => data), next: next.map(({ data }, at) => asBeside(data, current[at])) },
    notes: [...current, ...next].flatMap(({ notes, never }) => (never === null ? notes : [...notes, never])),
  };
}

/** Who reads the one must be able to read the other. */
function asBeside(data: DeliveryData, current: Delivery | undefined): DeliveryData {
  return { ...data, secret: { ...data.secret, like: current?.data.secret.before ?? null } };
}

async function lookAll(
  all: readonly ContainerInspect[],
  path: string,
  { format, take }: Params,
  scope: DeliveryScope,
  options: { readonly role: string; readonly mayBeMissing?: boolean },
): Promise<Delivery[]> {
  const looked: Delivery[] = [];
  for (const container of all) {
    const shared = looked.flatMap(({ data }) => othersThatSee(data.secret, [container]))[0];
    const sight = await lookAtDelivery(container, { file: shared?.path ?? path, format, ...take }, scope, options);
    if ('cannot' in sight)
      throw new RefusedError('no_delivery', `a new value could not be given to ${plainName(container.Name)}: ${sight.cannot}`);
    looked.push(sight);
  }
  return looked;
}
