import { z } from 'zod';
import { nested, parsedBy, type SecretRef, secretRef, text } from '../../../../config/fields.ts';
import { bad } from '../../../../domain/parsed.ts';
import { type HttpPoint, httpPoint } from '../../http-points.ts';
import type { Steps } from './step.ts';
import { answeringStep, step } from './step-fields.ts';

export type AskedPoint =
  | ({ readonly protocol: 'http' } & HttpPoint)
  | { readonly protocol: 'postgresql'; readonly service: string; readonly port: number; readonly database: string }
  | { readonly protocol: 'redis'; readonly service: string; readonly port: number };

export interface Params {
  readonly steps: Steps;
  readonly points: readonly AskedPoint[];
  /** The old credential, where it is the real one. */
  readonly current: { readonly user: string | null; readonly secret: SecretRef } | null;
}

export const fields = {
  steps: stepsField().describe(
    'What is done, and by whom: each step is exactly one of exec, http and script. It is told what is known as JSON and has succeeded with exit code 0, or with an expected status.',
  ),
  points: z
    .array(pointField())
    .min(1)
    .describe(
      'Where the credential is checked; each is tried at every running replica. `protocol` says how: http (default), postgresql or redis.',
    ),
  current: z
    .strictObject({
      user: text().optional().describe('Its user, where it has one.'),
      secret: secretRef().describe('Its value.'),
    })
    .transform(({ user = null, secret }) => ({ user, secret }))
    .optional()
    .transform((current) => current ?? null)
    .describe('The credential that is rotated with `credential: real`.'),
};

/** What only shows beside the drill's `credential`; `path` within its params. */
export function problemsOf(
  { steps, current }: Params,
  credential: 'canary' | 'real',
): readonly { readonly path: string[]; readonly message: string }[] {
  if (credential === 'canary') return [];
  const undo = { path: ['steps', 'undo'], message: 'is missing: with credential real it must be possible to put it back' };
  const which = { path: ['current'], message: 'is missing: with credential real it says which credential is rotated' };
  return [...(current === null ? [which] : []), ...(steps.undo === null ? [undo] : [])];
}

function stepsField(): z.ZodType<Steps> {
  return z
    .strictObject({
      check: step().optional().describe('Asked before anything is done, and changes nothing; its failure refuses the run.'),
      prepare: answeringStep()
        .optional()
        .describe('Makes the canary that is leaked and revoked, and answers with it; without it, `issue` is called for it too.'),
      issue: answeringStep().describe('Makes the new credential and answers with it.'),
      deploy: step().optional().describe("Brings the new one to where it is needed, where the drill's consumers are not enough."),
      verify: step().optional().describe('Sees that the new one is in use.'),
      revoke: step().optional().describe('Makes the old one be refused and ends its sessions; instead of it, refuse and endSessions.'),
      refuse: step().optional().describe('Makes the old one be refused for new logins.'),
      endSessions: step().optional().describe('Ends the sessions that were opened with the old one.'),
      clear: step()
        .optional()
        .describe(
          'After a run that went well: takes away what the drill leaves; without it, a canary is taken away by undo, and a real one is left as it is.',
        ),
      undo: step()
        .optional()
        .describe('Puts everything back as it was, from whatever was reached, knowing perhaps no more than names; may be called again.'),
    })
    .superRefine((raw, ctx) => {
      const issue = (key: string, message: string) => ctx.addIssue({ code: 'custom', path: [key], message });
      if (raw.revoke === undefined && raw.refuse === undefined)
        issue('revoke', 'is missing: a secret that leaked must be refused (or give refuse)');
      if (raw.revoke !== undefined && raw.refuse !== undefined) issue('refuse', 'may not stand beside revoke, which does both');
      if (raw.revoke !== undefined && raw.endSessions !== undefined) issue('endSessions', 'may not stand beside revoke, which does both');
      if (raw.prepare !== undefined && raw.undo === undefined) issue('undo', 'is missing: what prepare makes must be taken away again');
    })
    .transform(
      (raw): Steps => ({
        check: raw.check ?? null,
        prepare: raw.prepare ?? null,
        issue: raw.issue,
        deploy: raw.deploy ?? null,
        verify: raw.verify ?? null,
        revoke: raw.revoke ?? null,
        refuse: raw.refuse ?? null,
        endSessions: raw.endSessions ?? null,
        clear: raw.clear ?? null,
        undo: raw.undo ?? null,
      }),
    );
}

function pointField(): z.ZodType<AskedPoint> {
  const server = () => ({
    service: text().describe('The service that checks the credential; each of its running replicas is an enforcement point.'),
    port: z.int().min(1).max(65_535).describe('Its port, in its own network.'),
  });
  const http = () => httpPoint().extend({ protocol: z.literal('http').default('http') });
  const postgresql = () =>
    z.strictObject({ protocol: z.literal('postgresql'), ...server(), database: text().describe('Database that is logged in to.') });
  const redis = () => z.strictObject({ protocol: z.literal('redis'), ...server() });
  return parsedBy<AskedPoint>(
    (input, ctx) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) return bad('is not a map with service and port');
      const { protocol = 'http' } = input as { protocol?: unknown };
      if (protocol === 'http') return nested(http(), input, ctx);
      if (protocol === 'postgresql') return nested(postgresql(), input, ctx);
      if (protocol === 'redis') return nested(redis(), input, ctx);
      ctx.addIssue({ code: 'custom', path: ['protocol'], message: 'is not one of http, postgresql, redis', input: protocol });
      return null;
    },
    { alternatives: () => [http(), postgresql(), redis()], $comment: 'enforcement point' },
  );
}
