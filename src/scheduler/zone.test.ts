import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createZone, offsetAt } from './zone.ts';

it('knows the offset on both sides of a change, to the second', () => {
  const zone = createZone('Europe/Berlin');
  const change = Date.parse('2026-03-29T01:00:00Z');
  expect(zone.segment(change - 1)).toMatchObject({ to: change, offset: 3_600_000 });
  expect(zone.segment(change)).toMatchObject({ from: change, offset: 7_200_000, before: 3_600_000 });
  expect(() => createZone('Mars/Olympus')).toThrow(RangeError);
});

it('gives the same answers in any order of questions', () => {
  const zones = ['UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'Africa/Casablanca', 'America/Sao_Paulo', 'Pacific/Apia'].map((name) =>
    createZone(name),
  );
  const at = fc.integer({ min: Date.parse('2009-01-01'), max: Date.parse('2032-01-01') });
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.array(at, { maxLength: 8 }), (zone, instants) => {
      for (const instant of instants) {
        const segment = zone.segment(instant);
        expect(segment.from <= instant && instant < segment.to).toBe(true);
        expect([segment.offset, segment.offset]).toEqual([offsetAt(zone.name, instant), offsetAt(zone.name, segment.to - 1)]);
        expect(segment.offset).toBe(offsetAt(zone.name, segment.from));
      }
    }),
  );
});
