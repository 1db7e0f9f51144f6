import { describe, expect, test } from 'vitest';
import { Secret } from '../../../../domain/secret.ts';
import { hashOf, parseUsers, sameUser, setUser } from './acl.ts';
import { parseClients } from './clients.ts';
import { copyName, isOfRun, isPitwalls, tagOf } from './names.ts';

const one = 'a'.repeat(64);
const two = 'b'.repeat(64);

describe('a user as ACL LIST shows it', () => {
  test.each([
    ['of Redis 6.0', `user app on #${one} ~shop:* +@all -@dangerous`],
    [
      'of Redis 8, with selectors',
      `user app on sanitize-payload #${one} #${two} ~a:* %R~b:* resetchannels &ch* -@all +get (%W~d:* resetchannels -@all +set)`,
    ],
    ['that needs no password', 'user app on nopass sanitize-payload ~* &* +@all'],
    ['that is off and may nothing', 'user app off skip-sanitize-payload resetchannels -@all'],
    ['whose keys are named like flags', `user app on #${one} ~on ~off ~nopass resetchannels +@all`],
  ])('%s is made again with all that it had', (_, line) => {
    const user = parseUsers([line]).get('app');
    if (user === undefined) throw new Error('not read');
    const words = line.split(' ').slice(2);
    const [acl, setuser, name, reset, ...given] = setUser(user);
    expect([acl, setuser, name, reset]).toEqual(['ACL', 'SETUSER', 'app', 'reset']);
    expect(given.toSorted()).toEqual(words.toSorted());
    expect(sameUser(user, user)).toBe(true);
    expect(sameUser({ ...user, on: !user.on }, user)).toBe(false);
    expect(sameUser({ ...user, hashes: [...user.hashes, two] }, user)).toBe(false);
    expect(sameUser(undefined, user)).toBe(false);
  });

  test('of a server that answers something else there are none', () => {
    expect(parseUsers(null).size).toBe(0);
    expect(parseUsers(['', 'group app on']).size).toBe(0);
  });

  test('a password is given as the hash that the server keeps', () => {
    expect(hashOf(new Secret('one'))).toBe('7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed');
  });
});

test('connections are read with their user and where they come from', () => {
  const rest = 'fd=8 name=x age=0 idle=0 sub=0 cmd=client|list';
  const clients = parseClients(
    [
      `id=3 addr=10.0.0.2:5123 laddr=10.0.0.9:6379 ${rest} flags=N user=app redir=-1`,
      `id=4 addr=[fd00::2]:5123 ${rest} flags=S user=default`,
      `id=5 addr=/run/redis.sock:0 ${rest} flags=U user=app`,
      `id=6 addr=10.0.0.2:5124 ${rest} flags=N`,
      '',
    ].join('\n'),
  );
  expect(clients).toEqual([
    { id: 3, user: 'app', address: '10.0.0.2', replica: false },
    { id: 4, user: 'default', address: 'fd00::2', replica: true },
    { id: 5, user: 'app', address: null, replica: false },
  ]);
});

test('names of ours tell the run, and are told from those of other runs and of people', () => {
  const tag = tagOf('01JD0000000000000000000000');
  expect(tag).toMatch(/^pitwall_[0-9a-f]{6}$/);
  for (const name of [tag, `${tag}_next`, copyName(tag, 'old', true), copyName(tag, 'fresh', true), copyName(tag, 'fresh', false)]) {
    expect(isOfRun(name, tag)).toBe(true);
    expect(isPitwalls(name)).toBe(true);
  }
  expect(isOfRun(`${tag}f`, tag)).toBe(false);
  expect(isPitwalls('pitwall_of_mine')).toBe(false);
  expect(isPitwalls('pitwall_0a1b2cd')).toBe(false);
});
