import { z } from 'zod';
import type { Drill } from '../../domain/drill.ts';
import { isRequest } from '../../domain/drill.ts';
import type { DrillKind } from '../../domain/kind.ts';
import { duration, slug, text } from '../fields.ts';
import { checkSchema } from './check-schema.ts';
import { cron, timezone } from './drill-fields.ts';
import { objectivesSchema } from './objective-schema.ts';
import { safetySchema } from './safety-schema.ts';
import { selectorSchema } from './selector-schema.ts';

/** What reading a drill needs to know of its kind. */
export type KindContract = Pick<DrillKind<unknown>, 'name' | 'summary' | 'params' | 'measures' | 'defaultObjectives'>;

export type DrillWithoutSource = Omit<Drill, 'source'>;

/** The whole of a drill file's document, for one kind; null for one that is not known, whose parameters and objectives are not looked at. */
export function drillSchema(kind: KindContract | null): z.ZodType<DrillWithoutSource> {
  return z
    .strictObject({
      name: slug().describe('Unique over all drill files.'),
      kind: (kind ? z.literal(kind.name) : z.string()).describe('The sort of drill; decides what stands in params and objectives.'),
      description: text().max(500).optional().describe('What it shows, for people.'),
      schedule: scheduleSchema().optional().describe('When it runs; without it, on demand only.'),
      environments: z
        .array(slug())
        .min(1)
        .default(['staging', 'ci', 'local'])
        .describe('Environments of engines that it may run on. On several engines: one run each.'),
      targets: selectorSchema().describe(
        'Which running containers it may touch, of those that opted in. Keys are ANDed, values of one key ORed.',
      ),
      safety: safetySchema().prefault({}).describe('How far it may go.'),
      steadyState: z
        .array(checkSchema())
        .default([])
        .describe(
          'Checks that must hold before, are sampled during, and must hold after; each has exactly one of http, tcp, exec and health.',
        ),
      params: (kind ? kind.params.prefault({}) : z.record(z.string(), z.unknown()).optional()).describe('By kind.'),
      objectives: (kind ? objectivesSchema(kind.measures).optional() : z.record(z.string(), z.unknown()).optional()).describe(
        "What measurements must reach; given ones take the place of all of the kind's defaults, {} states that there are none.",
      ),
    })
    .superRefine((raw, ctx) => {
      if (raw.safety.abortIf && !raw.steadyState.some(isRequest)) {
        const message = 'needs a check in steadyState that makes requests (http, tcp or exec): nothing would measure availability';
        ctx.addIssue({ code: 'custom', path: ['safety', 'abortIf'], message });
      }
      const names = raw.steadyState.map((check) => check.name);
      for (const [i, name] of names.entries()) {
        const first = names.indexOf(name);
        if (first < i)
          ctx.addIssue({ code: 'custom', path: ['steadyState', i, 'name'], message: `is also the name of steadyState[${first}]` });
      }
    })
    .transform((raw) => {
      const zone = raw.schedule?.timezone ?? 'UTC';
      const window = raw.safety.window && { ...raw.safety.window, timezone: raw.safety.window.timezone ?? zone };
      return {
        name: raw.name,
        kind: raw.kind,
        description: raw.description ?? null,
        schedule: raw.schedule ?? null,
        environments: raw.environments,
        targets: raw.targets,
        safety: { ...raw.safety, window },
        steadyState: raw.steadyState,
        params: raw.params,
        objectives: (raw.objectives as DrillWithoutSource['objectives'] | undefined) ?? kind?.defaultObjectives ?? {},
      };
    });
}

function scheduleSchema() {
  return z
    .strictObject({
      cron: cron().describe('Minute, hour, day of the month, month, day of the week; or six fields with the second first.'),
      timezone: timezone().prefault('UTC').describe('Zone of the clock, of the IANA database.'),
      jitter: duration().prefault('0').describe('Starts up to this much later, drawn by a seed.'),
      missed: z.enum(['run-once', 'skip']).default('run-once').describe('What becomes of slots that passed while Pitwall was down.'),
    })
    .transform((raw) => ({ cron: raw.cron, timezone: raw.timezone, jitterMs: raw.jitter, missed: raw.missed }));
}
