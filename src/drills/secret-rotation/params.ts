import { z } from 'zod';
import { duration, nested, once, parsedBy, text } from '../../config/fields.ts';
import { bad, type Parsed } from '../../domain/parsed.ts';
import { type Deliver, deliverSchema } from './deliver/schema.ts';
import { type Proof, proofSchema } from './proof.ts';
import { fields as file } from './systems/file/params.ts';
import { fields as jwt } from './systems/jwt/params.ts';
import { fields as postgresql } from './systems/postgresql/params.ts';
import { fields as redis } from './systems/redis/params.ts';
import { problemsOf, type Params as StepsParams, fields as steps } from './systems/steps/fields.ts';
import { fields as swarmSecret } from './systems/swarm-secret/params.ts';
import { fields as tls } from './systems/tls/params.ts';

export const plans = ['planned', 'leak'] as const;
export type PlanName = (typeof plans)[number];

export interface Consumer {
  readonly service: string;
  readonly deliver: Deliver | null;
  readonly prove: Proof | null;
}

export interface Params {
  readonly plan: PlanName | 'both';
  readonly system: SystemName;
  readonly credential: 'canary' | 'real';
  readonly consumers: readonly Consumer[];
  /** ms */
  readonly probeEvery: number;
  /** ms, of the steps' end: by then all must be as it should. */
  readonly within: number;
  /** ms */
  readonly observe: number;
  readonly onFailure: 'restore' | 'keep';
  /** The system's own part: all of the above beside its own. Plain, so that the journal can keep it. */
  readonly own: Readonly<Record<string, unknown>>;
}

const systems = { postgresql, redis, 'swarm-secret': swarmSecret, file, tls, jwt, steps } as const;
export type SystemName = keyof typeof systems;
export const systemNames = Object.keys(systems) as SystemName[];

/** One strict schema a system: a key of another system's is an unknown key. */
const schemas = new Map(systemNames.map((name) => [name, once(() => schemaOf(name))]));

export const params: z.ZodType<Params> = parsedBy(
  (input, ctx) => {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) return bad('is not a map');
    const { system } = input as { readonly system?: unknown };
    const schema = typeof system === 'string' ? schemas.get(system as SystemName) : undefined;
    // without a system that is known nothing else can be read
    return nested<unknown>(schema?.() ?? z.looseObject({ system: z.enum(systemNames) }), input, ctx) as Parsed<Params> | null;
  },
  { alternatives: () => systemNames.map((name) => schemaOf(name)), $comment: 'parameters by system' },
);

function schemaOf(system: SystemName): z.ZodType<Params> {
  return z
    .strictObject({
      system: z.literal(system).describe('What holds the credential; decides which of the keys below there are.'),
      plan: z
        .enum([...plans, 'both'])
        .default('leak')
        .describe(
          '`leak`: refuse the old one first, then restore. `planned`: issue, deploy, verify, then revoke. `both`: one after the other, compared.',
        ),
      credential: z
        .enum(['canary', 'real'])
        .default('canary')
        .describe(
          '`canary`: a credential made for the drill, with the same rights, is leaked and revoked; nobody can be locked out. `real`: the one in use.',
        ),
      consumers: z.array(consumer()).default([]).describe('Who holds it, how each takes the new one, and how each proves that it works.'),
      probeEvery: duration({ min: 20 }).prefault('100ms').describe('How often each attacker tries.'),
      within: duration({ min: 100 })
        .prefault('30s')
        .describe('How long after the last step is waited for the old one to be refused everywhere and for the consumers to work.'),
      observe: duration({ min: 0 }).prefault('2s').describe('How long it is watched on after that: what is let in again by then counts.'),
      onFailure: z
        .enum(['restore', 'keep'])
        .default('restore')
        .describe(
          '`credential: real` only, when not all is as it should be at the end. `restore`: the old one works again, as before the drill. `keep` (plan leak): the old one stays refused, whoever cannot work without it; when a step fails, or the run is stopped, it is put back all the same.',
        ),
      // their union is more than the compiler wants to write out
      ...(systems[system] as Readonly<Record<string, z.ZodType>>),
    })
    .transform((raw, ctx): Params => {
      const { plan, credential, consumers, probeEvery, within, observe, onFailure, ...own } = raw as Omit<Params, 'own'> & Params['own'];
      if (onFailure === 'keep' && (plan !== 'leak' || credential !== 'real'))
        ctx.addIssue({ code: 'custom', path: ['onFailure'], message: '`keep` needs plan: leak and credential: real', input: onFailure });
      const stale = plan === 'both' && credential === 'real' ? staysAsItIs(own) : null;
      if (stale !== null)
        ctx.addIssue({
          code: 'custom',
          path: stale,
          message:
            'names what the first of the two plans replaces, so the second would leak a value that is worth nothing (try plan: leak, or plan: planned, or a file that the rotation itself writes)',
        });
      if (system === 'steps')
        for (const { path, message } of problemsOf(own as unknown as StepsParams, credential))
          ctx.addIssue({ code: 'custom', path, message });
      return { plan, system, credential, consumers, probeEvery, within, observe, onFailure, own: own as Params['own'] };
    });
}

/** Where the credential in use is named by what no rotation writes: a variable of Pitwall's own environment, a key's id in the drill file. */
function staysAsItIs(own: Params['own']): string[] | null {
  const paths = [['current'], ['current', 'secret'], ['certificate', 'client', 'current']];
  return (
    paths.find((path) => {
      const named = path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), own);
      return typeof named === 'object' && named !== null && ('env' in named || 'kid' in named);
    }) ?? null
  );
}

function consumer(): z.ZodType<Consumer> {
  return z
    .strictObject({
      service: text().describe('A service of the targets; each of its running replicas.'),
      deliver: deliverSchema().optional().describe('How it is given the new one, with `credential: real`.'),
      prove: proofSchema().optional().describe('A request of its own that needs the credential; asked all the time, beside the attackers.'),
    })
    .transform(({ service, deliver = null, prove = null }): Consumer => ({ service, deliver, prove }));
}
