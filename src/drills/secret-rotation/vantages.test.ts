import { expect, test } from 'vitest';
import type { Prober } from '../../checks/prober/contract.ts';
import type { Attempt } from '../../checks/prober/lines.ts';
import type { RunContext } from '../../domain/kind.ts';
import { newSecret } from '../../domain/secret.ts';
import type { Params } from './params.ts';
import type { Point } from './system.ts';
import { tryControls } from './vantages.ts';

const old = { user: 'pitwall_ab12cd', secret: newSecret() };
const point: Point = {
  name: 'db:5432 (shop-db-1)',
  target: 'shop-db-1',
  door: (user) => ({ protocol: 'postgresql', host: '127.0.0.1', port: 5_432, database: 'shop', user: user ?? '' }),
  modes: ['login', 'session'],
};

/** Of a server that lets these in whatever they give, and else checks. */
const proberAt = (trusted: readonly string[]) => {
  const once: Prober['once'] = ({ door, secret }) => {
    const user = (door as Extract<Attempt['door'], { protocol: 'postgresql' }>).user;
    const known = user === old.user && secret.reveal() === old.secret.reveal();
    const answer = trusted.includes(user) || known ? 'accepted' : 'refused';
    return Promise.resolve({ dueAt: 0, startedAt: 0, endedAt: 1, answer, code: answer === 'refused' ? '28P01' : null });
  };
  return { where: 'shop-api-1', once } as Prober;
};
const context = (credential: Params['credential']) =>
  ({ params: { credential, own: { role: 'app' } }, event: () => undefined }) as unknown as RunContext<Params>;
const careless = async (trusted: readonly string[], credential: Params['credential'] = 'canary') => [
  ...(await tryControls([point], [proberAt(trusted)], old, context(credential))).careless,
];

test('a point that lets the role in without its password is careless, though the canary needs one', async () => {
  expect(await careless([])).toEqual([]);
  expect(await careless(['pitwall_ab12cd'])).toEqual([point.name]);
  expect(await careless(['app'])).toEqual([point.name]);
});
