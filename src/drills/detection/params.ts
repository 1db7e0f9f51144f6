import { z } from 'zod';
import { duration, text } from '../../config/fields.ts';
import { suggestion } from '../../config/nearest.ts';
import { probeIds } from '../../probes/probe-ids.ts';

/** Durations in ms. */
export interface Params {
  readonly expect: readonly Expectation[];
  readonly within: number;
  readonly negativeControl: boolean;
  readonly freeze: boolean;
}

export interface Expectation {
  readonly probe: string;
  /** Undefined: any rule will do. */
  readonly rule?: string | undefined;
}

export const params: z.ZodType<Params> = z.strictObject({
  expect: z
    .array(
      z.strictObject({
        probe: z
          .string()
          .superRefine((value, ctx) => {
            if (probeIds.includes(value)) return;
            const shown = suggestion(value, probeIds);
            ctx.addIssue({ code: 'custom', message: `is no probe${shown.startsWith(' (did') ? shown : ' (pitwall probes lists them)'}` });
          })
          .describe('Id of the probe that is run in a clone of the target; one that attempts something there.'),
        rule: text().max(200).optional().describe('Name of the rule that must be raised; default: any.'),
      }),
    )
    .min(1)
    .describe('What must be noticed.'),
  within: duration({ min: 100 })
    .prefault('30s')
    .refine((ms) => ms <= 300_000, { error: 'is longer than 5 m' })
    .describe('How long an alert may take from the attempt on; also how long the negative control must stay silent.'),
  negativeControl: z.boolean().default(true).describe('Also does something harmless with a mark, for which no alert may come.'),
  freeze: z
    .boolean()
    .default(false)
    .describe('When the first alert has come, freezes the clone in which it was raised: the whole way from attempt to freeze is timed.'),
});
