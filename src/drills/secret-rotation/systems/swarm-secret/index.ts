import { RefusedError } from '../../../../domain/errors.ts';
import type { System } from '../../system.ts';
import { type Data, dataSchema } from './data.ts';
import type { Params } from './params.ts';
import { pointsOf } from './points.ts';
import { referencesOf } from './references.ts';
import { openRotation, type SwarmRotation } from './rotation.ts';
import { survey, type User } from './survey.ts';
import { currentValue } from './value.ts';
import { baseOf, nextName } from './versions.ts';

export { fields, type Params } from './params.ts';

export const swarmSecret: System<Params> = {
  name: 'swarm-secret',
  services: ({ points }) => points.map(({ service }) => service),
  from: ({ from }) => [from],
  handsOver: () => true,

  actions({ secret, alsoReads }, plan) {
    const make = `make a new version of ${secret}`;
    const drop = 'remove the old version; the new one keeps its own name, as Swarm cannot rename';
    if (plan === 'leak')
      return [
        make,
        'replace all tasks of the services that check it at once, with the new version',
        'replace the tasks of the other services that use it',
        drop,
      ];
    return [
      make,
      `replace the tasks of the services that check it: the new version in ${alsoReads ?? 'their second file'}`,
      'replace the tasks of all services that use it: the new version in the file, the old one in the second',
      'replace the tasks of the services that check it: the old version nowhere',
      drop,
    ];
  },

  async open(params, scope) {
    if (scope.credential === 'canary')
      throw new RefusedError('no_canary', `a Swarm secret has no canary: who checks ${params.secret} knows the one value`, {
        hint: 'say credential: real, on a Swarm that may be rotated',
      });
    if (scope.plan === 'planned' && params.alsoReads === undefined)
      throw new RefusedError(
        'one_file',
        'plan planned needs the old and the new version accepted at the same time, and with one file a task accepts one',
        {
          hint: 'let the services that check it read a second file and name that in params.alsoReads, or use plan: leak',
        },
      );
    const { current, secrets, users, from } = await survey(params, scope);
    for (const user of users) if (scope.plan === 'planned') refuseTaken(user, current.ID, params.alsoReads);
    const [holder, reference] = holderOf(users, current.ID);
    const value = await currentValue(params, holder, reference, scope);
    const data: Data = {
      base: baseOf(current.Spec.Name).base,
      old: { id: current.ID, name: current.Spec.Name },
      fresh: nextName(current.Spec.Name, secrets),
      services: users.map(({ service, checks }) => ({
        id: service.ID,
        name: service.Spec.Name,
        checks,
        references: referencesOf(service.Spec),
        updateConfig: service.Spec.UpdateConfig ?? null,
      })),
    };
    const points = pointsOf(params.points, users);
    return { rotation: openRotation(params, data, scope, { points, from, value }), data: plain(data) };
  },

  async reopen(params, data, scope): Promise<SwarmRotation> {
    return openRotation(params, dataSchema.parse(data), scope, null);
  },
};

function refuseTaken({ service, checks }: User, secret: string, second: string | undefined): void {
  const taken = referencesOf(service.Spec).find(({ SecretID, File }) => SecretID !== secret && File?.Name === second);
  if (checks && taken !== undefined)
    throw new RefusedError('file_taken', `${second} of service ${service.Spec.Name} holds another secret, ${taken.SecretName}`, {
      hint: 'name another file in params.alsoReads',
    });
}

/** Of those who check it: they know what they compare with. */
function holderOf(users: readonly User[], secret: string) {
  for (const { service, containers } of users.toSorted((a, b) => Number(b.checks) - Number(a.checks))) {
    const reference = referencesOf(service.Spec).find(({ SecretID }) => SecretID === secret);
    const [container] = containers;
    if (container !== undefined && reference !== undefined) return [container, reference] as const;
  }
  throw new RefusedError('not_used', 'no running task has the secret');
}

/** As the journal keeps it. */
function plain(data: Data) {
  return JSON.parse(JSON.stringify(data)) as { readonly [key: string]: never };
}
