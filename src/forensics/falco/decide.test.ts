import { describe, expect, it, test } from 'vitest';
import { summary } from '../../../test/support/targets.ts';
import type { FreezeRule } from '../../config/config.ts';
import { type Circumstances, decideFreeze, ruleKey, rulesFor } from './decide.ts';
import type { PastFreeze } from './history.ts';

const rule = (change: Partial<FreezeRule> = {}): FreezeRule => ({
  rule: 'Terminal shell in container',
  maxPerHour: 3,
  priority: null,
  labels: {},
  disposition: 'keep',
  memory: 'proc',
  leaseMs: 60_000,
  ...change,
});
const alert = { rule: 'Terminal shell in container', priority: 'warning' } as const;
const now = Date.UTC(2026, 0, 1);
const container = summary('web', { id: 'a'.repeat(64), labels: { tier: 'web' } });
const engine = { name: 'local', environment: 'local', list: async () => [container], info: async () => Promise.reject(new Error('no')) };

function past(ms: number, id: string, of: FreezeRule = rule()): PastFreeze {
  return { seq: ms, at: now - ms, engineId: 'E', container: id.padEnd(64, id), rule: ruleKey(of) };
}

function about(change: Partial<Circumstances> = {}, begun: readonly PastFreeze[] = [], failed: readonly PastFreeze[] = []): Circumstances {
  return {
    namedAs: 'web',
    found: { engine, engineId: 'E', container },
    history: { begun: () => begun, hasFailed: (freeze) => failed.includes(freeze) },
    heldAs: null,
    whyNot: () => null,
    now,
    ...change,
  };
}

describe('rules', () => {
  test.each([
    ['of the same name', [rule()], 1],
    ['of another', [rule({ rule: 'Terminal shell in containers' })], 0],
    ['of another case', [rule({ rule: 'terminal shell in container' })], 0],
    ['for this priority', [rule({ priority: 'warning' })], 1],
    ['for lesser ones, too', [rule({ priority: 'debug' })], 1],
    ['for more urgent ones', [rule({ priority: 'error' })], 0],
  ])('%s', (_name, rules, count) => expect(rulesFor(alert, rules)).toHaveLength(count));

  it('freezes by the first whose labels the container carries', () => {
    const rules = [rule({ labels: { tier: 'db' } }), rule({ labels: { tier: 'web' }, memory: 'full' }), rule({ memory: 'off' })];
    expect(decideFreeze(alert, rules, about())).toMatchObject({ decision: 'freeze', rule: { memory: 'full' } });
    expect(decideFreeze(alert, rules.slice(0, 1), about())).toMatchObject({ decision: 'ignored' });
  });
});

describe('the container', () => {
  it('must be named as the alert says, where it says a name', () => {
    expect(decideFreeze(alert, [rule()], about({ namedAs: 'victim' }))).toEqual({
      decision: 'refused',
      reason: 'the alert calls it "victim", and container aaaaaaaaaaaa is named web',
    });
    expect(decideFreeze(alert, [rule()], about({ namedAs: null }))).toMatchObject({ decision: 'freeze' });
  });

  it('must have opted in', () => {
    const decision = decideFreeze(alert, [rule()], about({ whyNot: () => 'pitwall.skip is "true"' }));
    expect(decision).toEqual({ decision: 'refused', reason: 'pitwall.skip is "true"' });
  });

  it('is not frozen twice', () => {
    expect(decideFreeze(alert, [rule()], about({ heldAs: 'ev_1' }))).toMatchObject({
      decision: 'duplicate',
      reason: expect.stringContaining('ev_1'),
    });
    expect(decideFreeze(alert, [rule()], about({}, [past(59_000, 'a')]))).toMatchObject({ decision: 'duplicate' });
    expect(decideFreeze(alert, [rule()], about({}, [past(61_000, 'a')]))).toMatchObject({ decision: 'freeze' });
    expect(decideFreeze(alert, [rule()], about({}, [past(59_000, 'b')]))).toMatchObject({ decision: 'freeze' });
  });
});

describe('at most so many an hour', () => {
  const three = [past(3_000_000, 'b'), past(2_000_000, 'c'), past(1_000_000, 'd')];

  it('of this rule', () => {
    expect(decideFreeze(alert, [rule()], about({}, three))).toEqual({
      decision: 'refused',
      reason: 'this rule has frozen 3 in the last hour, and may 3',
    });
    expect(decideFreeze(alert, [rule({ maxPerHour: 4 })], about({}, three))).toMatchObject({ decision: 'freeze' });
  });

  it('not of others of the same name', () => {
    expect(decideFreeze(alert, [rule({ labels: { tier: 'web' } })], about({}, three))).toMatchObject({ decision: 'freeze' });
  });

  it('and not those that failed', () => {
    expect(decideFreeze(alert, [rule()], about({}, three, three.slice(0, 1)))).toMatchObject({ decision: 'freeze' });
  });
});
