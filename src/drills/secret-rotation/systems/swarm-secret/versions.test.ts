import { expect, test } from 'vitest';
import type { SecretInspect } from '../../../../domain/engine/swarm.ts';
import { baseOf, nextName, versionsOf } from './versions.ts';

const secret = (name: string, labels: Record<string, string> = {}): SecretInspect => ({
  ID: name,
  Version: { Index: 1 },
  CreatedAt: '2026-01-01T00:00:00Z',
  Spec: { Name: name, Labels: labels },
});

test('names and their versions', () => {
  expect(baseOf('api_token')).toEqual({ base: 'api_token', version: 1 });
  expect(baseOf('api_token_v12')).toEqual({ base: 'api_token', version: 12 });
  expect(baseOf('api_token_v0')).toEqual({ base: 'api_token_v0', version: 1 });
  expect(baseOf('_v2').base).toBe('_v2');
});

test('a version is never given twice while it is there, and fits in', () => {
  expect(nextName('api_token', [secret('api_token')])).toBe('api_token_v2');
  expect(nextName('api_token', [secret('api_token_v4'), secret('api_token_v3')])).toBe('api_token_v5');
  expect(nextName('api_token_v4', [secret('api_token_v4'), secret('api_token_old')])).toBe('api_token_v5');
  const long = 'x'.repeat(64);
  const second = nextName(long, [secret(long)]);
  expect(second.length).toBeLessThanOrEqual(64);
  expect(nextName(long, [secret(long), secret(second)])).not.toBe(second);
});

test('the drill finds its secret after it was rotated, by either name', () => {
  const all = [secret('api_token_v3', { 'pitwall.secret': 'api_token' }), secret('api_token_v9'), secret('api')];
  for (const name of ['api_token', 'api_token_v2', 'api_token_v3'])
    expect(versionsOf(name, all).map(({ ID }) => ID)).toEqual(['api_token_v3']);
  expect(versionsOf('api_token_v9', all).map(({ ID }) => ID)).toEqual(['api_token_v3', 'api_token_v9']);
});
