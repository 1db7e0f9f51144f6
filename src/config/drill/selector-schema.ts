import { z } from 'zod';
import type { Pick, Selector } from '../../domain/drill.ts';
import { globs, nested, once, parsedBy, percent, text } from '../fields.ts';

/** Which running containers a drill may touch. One that selects nothing in particular is refused: it would mean all of them. */
export function selectorSchema(): z.ZodType<Selector> {
  return z
    .strictObject(
      {
        labels: z
          .record(text(), labelValues())
          .optional()
          .describe('Labels that a container must carry, each with its value, or with a list of which one must match.'),
        compose: z
          .strictObject({
            project: text().describe('Name of the Compose project, or of the Swarm stack.'),
            services: z.array(text()).min(1).optional().describe('Services of it, as its file names them; default: all.'),
          })
          .optional()
          .describe('Containers of a Compose project or of a Swarm stack.'),
        names: globs().optional().describe('Names of containers, with * and ?.'),
        images: globs().optional().describe('Images that containers were made from, as they were named, with * and ?.'),
        networks: globs().optional().describe('Networks that a container is on, with * and ?.'),
        engines: z
          .array(text())
          .min(1)
          .optional()
          .describe('Names of engines to look on; default: all that the environments allow. Selects no containers by itself.'),
        pick: pick().prefault('all').describe('How many of what is left, sorted by name and drawn by the seed of the run.'),
      },
      { error: (issue) => (issue.code === 'invalid_type' && (issue.input ?? null) === null ? emptySelector : undefined) },
    )
    .meta({ anyOf: ['labels', 'compose', 'names', 'images', 'networks'].map((key) => ({ required: [key] })) })
    .superRefine((raw, ctx) => {
      const selects = raw.compose ?? raw.names ?? raw.images ?? raw.networks;
      if (!selects && Object.keys(raw.labels ?? {}).length === 0) ctx.addIssue({ code: 'custom', message: emptySelector });
    })
    .transform((raw) => ({
      labels: raw.labels ?? {},
      compose: raw.compose ? { project: raw.compose.project, services: raw.compose.services ?? null } : null,
      names: raw.names ?? null,
      images: raw.images ?? null,
      networks: raw.networks ?? null,
      engines: raw.engines ?? null,
      pick: raw.pick,
    }));
}

/** The message by which `drill-file` tells this problem from others. */
export const emptySelector = 'the selector is empty: name labels, compose, names, images or networks (try compose: { project: shop })';

function labelValues(): z.ZodType<readonly string[]> {
  const one = once(() => z.string());
  const many = once(() => z.array(z.string()).min(1));
  return parsedBy<readonly string[]>(
    (input, ctx) => {
      if (Array.isArray(input)) return nested(many(), input, ctx);
      const read = nested(one(), input, ctx);
      return read?.ok ? { ok: true, value: [read.value] } : null;
    },
    { alternatives: () => [one(), many()], $comment: 'text or list' },
  );
}

function pick(): z.ZodType<Pick> {
  const count = once(() => z.strictObject({ count: z.int().min(1).describe('This many; fewer when there are fewer.') }));
  const share = once(() => z.strictObject({ percent: pickPercent().describe('This share, rounded down, at least 1; as 50 or 50%.') }));
  return parsedBy<Pick>(
    (input, ctx) => {
      if (input === 'all') return { ok: true, value: { all: true } };
      if (typeof input !== 'object' || input === null || Array.isArray(input))
        return { ok: false, problem: 'is not all, { count: 2 } or { percent: 50 }' };
      if ('count' in input && 'percent' in input) return { ok: false, problem: 'must have count or percent, not both' };
      if ('count' in input) return nested<Pick>(count(), input, ctx);
      const read = nested(share(), input, ctx);
      return read?.ok ? { ok: true, value: { share: read.value.percent } } : null;
    },
    { alternatives: () => [z.literal('all'), count(), share()], $comment: 'pick' },
  );
}

function pickPercent(): z.ZodType<number> {
  return parsedBy(
    (input, ctx) => {
      const read = nested(typeof input === 'number' ? z.number().gt(0).max(100) : percent(), input, ctx);
      if (!read?.ok) return read;
      if (read.value === 0) return { ok: false, problem: 'is none at all (try 50)' };
      return { ok: true, value: typeof input === 'number' ? input / 100 : read.value };
    },
    { alternatives: () => [z.number().gt(0).max(100), percent()], examples: [50], $comment: 'percentage' },
  );
}
