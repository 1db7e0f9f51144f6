import { z } from 'zod';

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

/** Becomes UTC ms. Before 1970 there were no runs, and run ids know no such time. */
export const instantInQuery = z.iso
  .datetime({ offset: true, error: 'expected an instant such as 2026-01-31T12:00:00Z' })
  .transform((text) => Math.max(0, Date.parse(text)));

/** For acts that take nothing: no body, or an empty object. */
export const noBody = z.strictObject({}).nullish();
