import { z } from 'zod';
import type { Safety, Window } from '../../domain/drill.ts';
import { duration, nested, once, parsedBy, percent } from '../fields.ts';
import { clockTime, timezone, weekdays } from './drill-fields.ts';

/** A window as it was written: its zone may be left to the schedule. */
export type RawWindow = Omit<Window, 'timezone'> & { readonly timezone: string | null };
export type RawSafety = Omit<Safety, 'window'> & { readonly window: RawWindow | null };

export function safetySchema(): z.ZodType<RawSafety> {
  return z
    .strictObject({
      maxTargets: z.int().min(1).default(10).describe('The blast radius: more targets than this and the run is refused, never cut.'),
      minHealthy: minHealthy()
        .optional()
        .describe(
          'For each service, how many of its containers must run and not be unhealthy at any time: a share (rounded up) or a number; default: 50% from two replicas on, 0 for a single one.',
        ),
      timeout: duration({ min: 1_000 })
        .prefault('30m')
        .describe('The most that a run may take; then it takes no new action and undoes what is half done.'),
      abortIf: z
        .strictObject({
          availability: percent().describe('Abort when the share of good samples falls below this …'),
          for: duration().prefault('5s').describe('… for this long.'),
        })
        .optional()
        .describe('Ends a run that does harm. Needs a check of the steady state that makes requests: http, tcp or exec.'),
      window: windowSchema().optional().describe('When targets may be touched, whatever the trigger; default: always.'),
    })
    .transform((raw) => ({
      maxTargets: raw.maxTargets,
      minHealthy: raw.minHealthy ?? null,
      timeoutMs: raw.timeout,
      abortIf: raw.abortIf ? { availability: raw.abortIf.availability, forMs: raw.abortIf.for } : null,
      window: raw.window ?? null,
    }));
}

function minHealthy(): z.ZodType<number | { readonly count: number }> {
  const count = once(() => z.int().min(0));
  return parsedBy<number | { readonly count: number }>(
    (input, ctx) => {
      if (typeof input !== 'number') return nested(percent(), input, ctx);
      const read = nested(count(), input, ctx);
      return read?.ok ? { ok: true, value: { count: read.value } } : null;
    },
    { alternatives: () => [percent(), count()], examples: ['50%', 1], $comment: 'percentage or whole number' },
  );
}

function windowSchema() {
  return z
    .strictObject({
      days: weekdays().prefault('mon-sun').describe('Days on which it begins: mon-fri, or sat,sun, or a list.'),
      from: clockTime().describe('Begins.'),
      to: clockTime().describe('Ends; earlier than from: on the next day. No new target starts after it.'),
      timezone: timezone().optional().describe("Zone of the clock; default: the schedule's, else UTC."),
    })
    .superRefine((raw, ctx) => {
      if (raw.from % 1_440 === raw.to % 1_440 && !(raw.from === 0 && raw.to === 1_440)) {
        ctx.addIssue({
          code: 'custom',
          path: ['to'],
          message: 'is when it begins: the window would have no length (for whole days: from "00:00" to "24:00")',
        });
      }
    })
    .transform((raw): RawWindow => ({ days: raw.days, from: raw.from, to: raw.to, timezone: raw.timezone ?? null }));
}
