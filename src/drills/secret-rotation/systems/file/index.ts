import { FailedError, RefusedError } from '../../../../domain/errors.ts';
import type { Secret } from '../../../../domain/secret.ts';
import { heldIn } from '../../deliver/held.ts';
import { openHands } from '../../deliver/index.ts';
import { tellInWords, tellOf } from '../../deliver/schema.ts';
import { pointsOf } from '../../http-points.ts';
import type { System, SystemScope } from '../../system.ts';
import { type Data, dataSchema } from './data.ts';
import { tryAll } from './doors.ts';
import type { Params } from './params.ts';
import { lookAtPlaces } from './places.ts';
import { rotationOf } from './rotation.ts';

export { fields, type Params } from './params.ts';

/** A connection that is kept may lead to a process that was told to end and has not. */
const modes = ['login', 'session'] as const;
const withinMs = 2_000;

export const file: System<Params> = {
  name: 'file',
  handsOver: () => true,
  stops: ({ service, points, take }) => (tellOf(take).how === 'restart' ? [service, ...points.map((point) => point.service)] : []),
  services: ({ service, points }) => [...new Set([service, ...points.map((point) => point.service)])],
  actions({ service, path, take, accepts, points }, plan) {
    const tell = `tell ${[...new Set([service, ...points.map((point) => point.service)])].join(', ')}: ${tellInWords(tellOf(take))}`;
    const keep = `keep ${path} of ${service} beside itself, under another name`;
    const replace = `write a new value to ${path} of ${service}`;
    if (plan === 'planned' && accepts !== undefined)
      return [
        keep,
        `write a new value to ${accepts.file}, which is accepted too`,
        tell,
        `${replace}, and take ${accepts.file} back`,
        tell,
        'remove what was kept',
      ];
    const outage =
      plan === 'planned' ? ' (without `accepts` the old one is refused from here on: an outage until all have the new one)' : '';
    return [keep, `${replace}${outage}`, tell, 'remove what was kept'];
  },
  async open(params, scope) {
    if (scope.credential === 'canary')
      throw new RefusedError('no_canary', `a file has one value, so there can be no canary beside the one of ${params.path}`, {
        hint: 'say credential: real',
      });
    const points = await pointsOf(params.points, modes, scope);
    await using hands = openHands(scope);
    const { data, notes } = await lookAtPlaces(params, { ...scope, hands });
    const old = await theValueOf(data, { ...scope, hands });
    const [no] = (await tryAll(points, old, 'accepted', params, scope, withinMs)).filter(({ problem }) => problem !== null);
    if (no !== undefined)
      throw new RefusedError('old_not_accepted', `${no.point.name} does not accept the value of ${params.path} (${no.problem})`, {
        hint: 'see params.points: port, path and header; and params.format',
      });
    for (const note of notes) scope.event('delivery', note);
    return { rotation: rotationOf(params, data, points, old, scope), data };
  },
  async reopen(params, data, scope) {
    // whoever does not run reads the file when it starts
    const points = await pointsOf(params.points, modes, scope).catch((error: unknown) => {
      if (error instanceof RefusedError) return [];
      throw error;
    });
    return rotationOf(params, dataSchema.parse(data), points, null, scope);
  },
};

/** The same for all, or one of them would be put out by a value that the others had before. */
async function theValueOf({ current }: Data, scope: SystemScope & { readonly hands: ReturnType<typeof openHands> }): Promise<Secret> {
  let first: Secret | null = null;
  for (const one of current) {
    const value = await heldIn(one, scope).catch((error: unknown) => {
      if (error instanceof FailedError)
        throw new RefusedError('no_value', `${one.container.name}: ${one.secret.path} cannot be read: ${error.message}`);
      throw error;
    });
    if (value === null)
      throw new RefusedError('no_value', `${one.container.name}: ${one.secret.path} is not written as params.format says`);
    if (first !== null && first.reveal() !== value.reveal())
      throw new RefusedError(
        'two_values',
        `${one.container.name}: ${one.secret.path} holds another value than in ${current[0]?.container.name}`,
      );
    first ??= value;
  }
  if (first === null) throw new Error('there is no file to read');
  return first;
}
