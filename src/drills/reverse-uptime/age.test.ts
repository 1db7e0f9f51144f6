import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { targetOf } from '../../../test/recreate/support/inspect.ts';
import { bornAt, dueAge, p95 } from './age.ts';

describe('age', () => {
  it('counts from the creation, or from the start of the processes', () => {
    const target = targetOf({ created: '2026-01-01T00:00:00Z', started: '2026-02-01T00:00:00Z' });
    expect(bornAt(target, 'recreate')).toBe(Date.parse('2026-01-01'));
    expect(bornAt(target, 'restart')).toBe(Date.parse('2026-02-01'));
  });
});

describe('the age at which a container is due', () => {
  it('is never beyond the limit, never less than the spread allows, and always the same', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1e10 }), fc.double({ min: 0, max: 1, noNaN: true }), (name, maxUptime, spread) => {
        const due = dueAge(name, { maxUptime, spread });
        expect(due).toBeLessThanOrEqual(maxUptime);
        expect(due).toBeGreaterThanOrEqual(maxUptime * (1 - spread) - 1e-3);
        expect(dueAge(name, { maxUptime, spread })).toBe(due);
      }),
    );
  });

  it('tells replicas apart', () => {
    const ages = Array.from({ length: 100 }, (_, index) => dueAge(`shop-web-${index}`, { maxUptime: 1_000, spread: 0.2 }));
    expect(new Set(ages).size).toBe(100);
    expect(Math.min(...ages)).toBeLessThan(820);
    expect(Math.max(...ages)).toBeGreaterThan(980);
  });
});

it('p95 is a value of the list that 95 % do not exceed', () => {
  expect(p95([])).toBeNull();
  expect(p95([7])).toBe(7);
  expect(p95(Array.from({ length: 100 }, (_, index) => index + 1))).toBe(95);
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), (list) => {
      const value = p95(list) as number;
      expect(list).toContain(value);
      expect(list.filter((one) => one <= value).length).toBeGreaterThanOrEqual(list.length * 0.95);
    }),
  );
});
