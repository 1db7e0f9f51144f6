import { describe, expect, it } from 'vitest';
import { params } from './params.ts';

describe('plan: both with the credential in use', () => {
  const problems = (more: object) => {
    const parsed = params.safeParse({
      system: 'postgresql',
      plan: 'both',
      server: { service: 'db', database: 'shop' },
      admin: { password: { env: 'ADMIN' } },
      role: 'app',
      ...more,
    });
    return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  };

  it('is refused where the drill names a value that the first of them replaces', () => {
    expect(problems({ credential: 'real', current: { env: 'APP' } })).toEqual([expect.stringMatching(/^current names what the first/)]);
  });

  it('is allowed where the second can read the value anew, or needs none', () => {
    expect(problems({ credential: 'real', current: { file: '/srv/app/password' } })).toEqual([]);
    expect(problems({ credential: 'real' })).toEqual([]);
    expect(problems({ credential: 'canary', current: { env: 'APP' } })).toEqual([]);
    expect(problems({ credential: 'real', plan: 'leak', current: { env: 'APP' } })).toEqual([]);
  });
});
