import { z } from 'zod';
import { suggestion } from '../../config/nearest.ts';
import type { Severity } from '../../domain/words.ts';
import { groups } from '../../probes/probe.ts';
import { probeIds } from '../../probes/probe-ids.ts';
import { type Allow, allowSchema } from './allow.ts';
import { type Waiver, waiverSchema } from './waivers.ts';

export interface Params {
  /** Groups and ids; null: all that stay on the host. */
  readonly probes: readonly string[] | null;
  readonly except: readonly string[];
  readonly selfTest: 'safe' | 'full' | 'off';
  readonly failOn: Severity;
  readonly allow: Readonly<Record<string, Allow>>;
  readonly waivers: readonly Waiver[];
  readonly egress: boolean;
  /** `10.1.2.3:80` */
  readonly decoy?: string | undefined;
  readonly parallel: number;
}

const names = [...groups, ...probeIds];

export const params: z.ZodType<Params> = z
  .strictObject({
    probes: z
      .array(probeName())
      .min(1)
      .optional()
      .transform((given) => given ?? null)
      .describe('Groups and ids of the probes; default: all that stay on the host.'),
    except: z.array(probeName()).default([]).describe('Groups and ids that are left out.'),
    selfTest: z
      .enum(['safe', 'full', 'off'])
      .default('safe')
      .describe(
        'Every probe is also run where its weakness is planted, and counts for nothing unless it is broken there. `full` also plants weaknesses that reach the host: never on production.',
      ),
    failOn: z.enum(['critical', 'high', 'medium', 'low']).default('medium').describe('The least severe broken finding that fails the run.'),
    allow: z.record(z.string(), allowSchema()).default({}).describe('What a service may have, by its name.'),
    waivers: z.array(waiverSchema()).default([]).describe('Findings that are known and accepted for a time.'),
    egress: z
      .boolean()
      .default(false)
      .describe('Probes may send packets that leave the host: to metadata endpoints, 192.0.2.1 and the resolver.'),
    decoy: z
      .string()
      .regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]):\d{1,5}$/, { error: 'is not an address and port (try 10.1.2.3:80)' })
      .optional()
      .describe('Stands for the outside: what would leave the host goes to this address in its place.'),
    parallel: z.int().min(1).max(16).default(4).describe('The most targets that are probed at once.'),
  })
  .superRefine((value, ctx) => {
    if (value.egress && value.decoy !== undefined)
      ctx.addIssue({ code: 'custom', path: ['decoy'], message: 'stands for the outside, so egress must not be true as well' });
  });

function probeName() {
  return z.string().superRefine((value, ctx) => {
    if (names.includes(value)) return;
    const shown = suggestion(value, names);
    const hint = shown.startsWith(' (did') ? shown : ` (groups: ${groups.join(', ')}; ids: pitwall probes)`;
    ctx.addIssue({ code: 'custom', message: `is no probe or group of probes${hint}` });
  });
}
