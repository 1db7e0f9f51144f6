import { expect, test } from 'vitest';
import type { SecretReference } from '../../../../domain/engine/swarm.ts';
import { type Before, merged, referencesAt, type Stage, same } from './references.ts';

const versions = { old: { id: 'o', name: 'token' }, fresh: { id: 'n', name: 'token_v2' } };
const reference = (id: string, file: string, mode = 0o440): SecretReference => ({
  SecretID: id,
  SecretName: { o: 'token', n: 'token_v2' }[id] ?? id,
  File: { Name: file, UID: '101', GID: '0', Mode: mode },
});
const before = (over: Partial<Before> = {}): Before => ({
  id: 's',
  name: 'api',
  checks: true,
  references: [reference('db', 'db'), reference('o', 'token')],
  ...over,
});
const files = (stage: Stage, given: Before, second: string | null = 'other') =>
  referencesAt(stage, given, versions, second).map(({ SecretID, File }) => `${File?.Name}=${SecretID}`);

test('who checks has both in the middle, who presents has one', () => {
  const stages = ['old', 'added', 'swapped', 'new'] as const;
  expect(stages.map((stage) => files(stage, before()).join(' '))).toEqual([
    'db=db token=o',
    'db=db token=o other=n',
    'db=db token=n other=o',
    'db=db token=n',
  ]);
  expect(stages.map((stage) => files(stage, before({ checks: false })).join(' '))).toEqual([
    'db=db token=o',
    'db=db token=o',
    'db=db token=n',
    'db=db token=n',
  ]);
  expect(stages.map((stage) => files(stage, before(), null).join(' '))).toEqual([
    'db=db token=o',
    'db=db token=o',
    'db=db token=n',
    'db=db token=n',
  ]);
});

test('who has one version in both files has the new one in both at the end', () => {
  const both = before({ references: [reference('o', 'token'), reference('o', 'other')] });
  expect((['old', 'added', 'swapped', 'new'] as const).map((stage) => files(stage, both).join(' '))).toEqual([
    'token=o other=o',
    'token=o other=n',
    'token=n other=o',
    'token=n other=n',
  ]);
});

test('owner and mode of the file are those of the first', () => {
  expect(referencesAt('added', before(), versions, 'other').at(-1)).toEqual(reference('n', 'other'));
  expect(referencesAt('new', before(), versions, 'other').at(-1)).toEqual(reference('n', 'token'));
});

test('what others have changed meanwhile stays, and nothing is replaced for its order', () => {
  const wanted = [reference('db', 'db'), reference('n', 'token')];
  expect(merged([reference('o', 'token'), reference('db', 'db')], wanted, versions)).toEqual(wanted);
  expect(merged([reference('o', 'token'), reference('late', 'late')], wanted, versions)).toEqual([
    reference('late', 'late'),
    reference('n', 'token'),
  ]);
  expect(same([reference('o', 'token'), reference('db', 'db')], [reference('db', 'db'), reference('o', 'token')])).toBe(true);
  expect(same([reference('o', 'token', 0o400)], [reference('o', 'token', 0o440)])).toBe(false);
});
