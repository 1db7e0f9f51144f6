import { expect, test } from 'vitest';
import type { SystemScope } from '../../system.ts';
import { postgresql } from './index.ts';
import type { Params } from './params.ts';

const open = (params: Partial<Params>, credential: SystemScope['credential'] = 'real') =>
  postgresql.open(
    {
      server: { service: 'db', port: 5_432, database: 'shop' },
      admin: { user: 'postgres', password: { env: 'ADMIN' } },
      role: 'app',
      points: [],
      ...params,
    },
    // a server that nobody gets as far as to ask
    { plan: 'leak', credential, service: () => Promise.resolve([]) } as unknown as SystemScope,
  );

test('the password of the admin is not taken from it, for then nothing could be put back', async () => {
  await expect(open({ role: 'postgres' })).rejects.toMatchObject({ code: 'role_is_admin' });
  await expect(open({ alternate: 'postgres' })).rejects.toMatchObject({ code: 'role_is_admin' });
  await expect(open({ role: 'postgres' }, 'canary')).rejects.toMatchObject({ code: 'no_server' });
});

test('one role does not take turns with itself', async () => {
  await expect(open({ alternate: 'app' })).rejects.toMatchObject({ code: 'no_alternate' });
});

test('a name that the server would cut off is no name', async () => {
  await expect(open({ alternate: 'ä'.repeat(32) })).rejects.toMatchObject({ code: 'long_name' });
  await expect(open({ alternate: 'a'.repeat(63) })).rejects.toMatchObject({ code: 'no_server' });
});
