import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseDrillFile } from '../../config/drill/drill-file.ts';
import { forensicFreeze } from './index.ts';
import { canaryKinds, params } from './params.ts';

const kinds = new Map([[forensicFreeze.name, forensicFreeze]]);
const messages = (given: object) => params.safeParse(given).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('the parameters of a freeze', () => {
  test('have defaults: a clone, every canary, /proc, 30 minutes', () => {
    expect(params.parse({})).toEqual({ on: 'clone', canaries: [...canaryKinds], memory: 'proc', disposition: 'resume', lease: 1_800_000 });
  });

  test('canaries are planted once each, in one order', () => {
    expect(params.parse({ canaries: ['socket', 'memory', 'socket'] }).canaries).toEqual(['memory', 'socket']);
    expect(messages({ canaries: [] })).toHaveLength(1);
    expect(messages({ canaries: ['parrot'] })).toHaveLength(1);
  });

  test('what cannot be done is not promised', () => {
    expect(messages({ disposition: 'replace' })).toEqual(['disposition: "replace" needs on: target: a clone is removed']);
    expect(messages({ on: 'target', disposition: 'replace' })).toEqual([]);
    expect(messages({ memory: 'off' })).toEqual(['memory: "off" captures no memory: take memory out of canaries']);
    expect(messages({ memory: 'off', canaries: ['process'] })).toEqual([]);
    expect(messages({ on: 'target', disposition: 'keep' })).toHaveLength(1);
  });

  test('the catalogue’s own drill is one', () => {
    const file = new URL('../../../drills/practise-the-freeze.yaml', import.meta.url);
    const { drills, problems } = parseDrillFile(readFileSync(file, 'utf8'), 'practise-the-freeze.yaml', kinds);
    expect(problems).toEqual([]);
    expect(drills[0]?.params).toMatchObject({ on: 'clone', canaries: canaryKinds });
  });

  test('without objectives it is to be frozen within five seconds, and 90 % captured', () => {
    const text = 'name: a\nkind: forensic-freeze\ntargets: { names: [a] }\n';
    const { drills } = parseDrillFile(text, 'a.yaml', kinds);
    expect(drills[0]?.objectives).toEqual({ time_to_freeze: { max: 5_000 }, coverage: { min: 0.9 } });
  });
});
