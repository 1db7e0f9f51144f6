import { z } from 'zod';
import { duration } from '../../config/fields.ts';
import type { FreezeOrder } from '../../domain/evidence.ts';
import { disposition, expiryPolicy, memoryMode } from './evidence.ts';

/** As Docker takes names (https://github.com/moby/moby, `RestrictedNamePattern`), which ids are as well. */
const container = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/, 'expected a container’s name or id');
/** Compose's own rule; older versions took capitals as well. */
const project = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$/, 'expected a Compose project');
const labels = z.record(z.string().min(1).max(200), z.string().max(1_000));

const minLeaseMs = 60_000;

export const leaseBody = z.strictObject({ lease: duration({ min: minLeaseMs }).describe('From now on: 24h') });

export const releaseBody = z.strictObject({
  to: z.enum(['resume', 'kill', 'quarantine', 'replace']).describe('kill leaves it stopped, not removed'),
});

export const freezeBody = z
  .strictObject({
    containers: z
      .array(container)
      .min(1)
      .max(50)
      .optional()
      .describe('Names, ids or unique beginnings of ids; exactly one of containers, compose and label is given'),
    compose: project.optional().describe('Every running container of this project'),
    label: labels.optional().describe('Every running container that carries all of them'),
    engine: z.string().min(1).max(63).optional().describe('Default: wherever the containers are found'),
    reason: z.string().trim().min(1).max(500).optional(),
    disposition: disposition.default('keep'),
    memory: memoryMode.default('proc'),
    volumes: z.boolean().default(false),
    lease: duration({ min: minLeaseMs }).prefault('4h').describe('How long it is held; default 4h'),
    onExpiry: expiryPolicy.default('notify').describe('What happens then; notify keeps it frozen'),
    force: z.boolean().default(false).describe('Also with pitwall.skip; needs a reason'),
  })
  .superRefine(({ containers, compose, label, force, reason }, ctx) => {
    const ways = [containers, compose, label].filter((way) => way !== undefined).length;
    if (ways !== 1) ctx.addIssue({ code: 'custom', message: 'must say which containers: exactly one of containers, compose and label' });
    // It would mean every container there is.
    if (label !== undefined && Object.keys(label).length === 0) {
      ctx.addIssue({ code: 'custom', path: ['label'], message: 'must have at least one label' });
    }
    if (force && reason === undefined) ctx.addIssue({ code: 'custom', path: ['reason'], message: 'is missing: force needs a reason' });
  })
  .transform(
    ({ containers = null, compose = null, label = null, engine = null, reason = null, lease, ...rest }): FreezeOrder => ({
      ...rest,
      containers,
      compose,
      label,
      engine,
      reason,
      leaseMs: lease,
      alert: null,
    }),
  )
  .meta({ examples: [{ containers: ['shop-web-1'], reason: 'odd traffic', disposition: 'replace', lease: '8h' }] });
