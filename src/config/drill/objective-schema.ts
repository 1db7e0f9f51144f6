import { z } from 'zod';
import type { Objectives } from '../../domain/objectives.ts';
import type { ObjectiveBound, Unit } from '../../domain/words.ts';
import { duration, nested, once, parsedBy, ratio, size } from '../fields.ts';

/** A bound for each measure of a kind: a bare value is the most that it may be. */
export function objectivesSchema(measures: Readonly<Record<string, Unit>>): z.ZodType<Objectives> {
  const shape = Object.fromEntries(
    Object.entries(measures).map(([name, unit]) => [name, bound(unit).optional().describe(descriptions[unit])]),
  );
  return z.strictObject(shape) as unknown as z.ZodType<Objectives>;
}

const descriptions: Readonly<Record<Unit, string>> = {
  ms: 'A duration; the most, or { min } or { max }.',
  count: 'A whole number; the most, or { min } or { max }.',
  ratio: 'A percentage or a ratio; the most, or { min } or { max }.',
  bytes: 'A size; the most, or { min } or { max }.',
};

function value(unit: Unit): z.ZodType<number> {
  const schemas = { ms: duration, ratio, bytes: size, count: () => z.int().min(0).meta({ $comment: 'whole number' }) };
  return schemas[unit]();
}

function bound(unit: Unit): z.ZodType<ObjectiveBound> {
  const bare = once(() => value(unit));
  const most = once(() => z.strictObject({ max: value(unit).describe('The most that it may be.') }));
  const least = once(() => z.strictObject({ min: value(unit).describe('The least that it may be.') }));
  return parsedBy<ObjectiveBound>(
    (input, ctx) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        const read = nested(bare(), input, ctx);
        return read?.ok ? { ok: true, value: { max: read.value } } : null;
      }
      if ('min' in input === 'max' in input) return { ok: false, problem: 'must have exactly one of max, min' };
      return nested<ObjectiveBound>('min' in input ? least() : most(), input, ctx);
    },
    { alternatives: () => [bare(), most(), least()], $comment: 'objective' },
  );
}
