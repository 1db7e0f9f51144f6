import { z } from 'zod';

export const errorSchema = z.object({
  error: z.object({
    code: z.string().describe('Stable, for scripts'),
    message: z.string().describe('For people'),
    hint: z.string().nullable().describe('What can be done about it'),
  }),
});

type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 414 | 415 | 429 | 500 | 502 | 503;

/** Every route may answer these, and those that it names. */
export function errors<S extends ErrorStatus>(...statuses: readonly S[]) {
  const all = [400, 401, 403, 429, 500, 503, ...statuses] as const;
  return Object.fromEntries(all.map((status) => [status, errorSchema])) as Record<
    S | 400 | 401 | 403 | 429 | 500 | 503,
    typeof errorSchema
  >;
}
