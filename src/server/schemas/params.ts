import { z } from 'zod';
import type { Clock } from '../../domain/clock.ts';
import { parseWhen } from '../../domain/when.ts';

/** As in drill files. */
export const drillName = z
  .string()
  .regex(/^[a-z0-9-]{1,100}$/, 'expected a drill’s name: a-z, 0-9 and -')
  .describe('A drill’s name');

/** Crockford’s base 32; the store decides whether a shortened one is clear. */
export const runId = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{4,26}$/, 'expected a run’s id (a ULID) or its beginning, at least 4 characters')
  .describe('A run’s id or its beginning');

export const wholeRunId = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/i, 'expected a run’s whole id')
  .transform((id) => id.toUpperCase());

export const artifactName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/i, 'expected an artifact’s name')
  .describe('An artifact’s name');

/** Numbers come as text in a query. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^[0-9]{1,15}$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .pipe(z.number().min(min, `expected at least ${min}`).max(max, `expected at most ${max}`));
}

/** As `parseWhen` reads it, for who writes requests by the description; what it lets pass may still be no day of any month. */
const written =
  /^(?:\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?|\d+(?:\.\d+)? ?(?:d|h|ms?|s)(?: ?\d+(?:\.\d+)? ?(?:h|ms?|s))*)$/;

/** Becomes UTC ms. Before 1970 there were no runs, and run ids know no such time. */
export function whenInQuery({ now }: Pick<Clock, 'now'>) {
  const error = 'expected a day (2026-01-31), an instant with its offset (2026-01-31T12:00:00Z), or how long ago (7d)';
  return z
    .string()
    .max(64, error)
    .regex(written, error)
    .transform((text, context) => {
      const at = parseWhen(text, now());
      if (at !== null) return Math.max(0, at);
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    });
}

/** For acts that take nothing: no body, or an empty object. */
export const noBody = z.strictObject({}).nullish();
