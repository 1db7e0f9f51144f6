import { z } from 'zod';
import { dispositions, memoryModes } from '../domain/evidence.ts';
import { hookFormats, noticesByDefault, noticeTypes } from '../domain/notice.ts';
import { bad, good, type Parsed } from '../domain/parsed.ts';
import { type Priority, parsePriority, priorities } from '../domain/priority.ts';
import { isRange } from '../domain/range.ts';
import { type DrillKindName, drillKinds } from '../domain/words.ts';
import { duration, globs, nested, once, parsedBy, type SecretRef, secretRef, slug, text } from './fields.ts';

export type RawConfig = z.output<ReturnType<typeof configSchema>>;

/** `pitwall.yaml`. Paths are as written; `config` makes them absolute. */
export function configSchema() {
  return z
    .strictObject({
      engines: z
        .array(engineSchema())
        .default([])
        .describe('Engines that Pitwall may work on; without any, the one that the Docker client would use.'),
      optIn: z
        .array(optInSchema())
        .default([])
        .describe(
          "The owner's opt-in for containers whose labels cannot be changed. Never holds on an engine of the environment production.",
        ),
      drills: z
        .array(path())
        .min(1)
        .optional()
        .describe('Folders with drill files; default: drills beside this file, else the catalogue that comes with Pitwall.'),
      api: z
        .strictObject({
          host: text().default('127.0.0.1').describe('Address to listen on.'),
          port: z.int().min(0).max(65_535).default(7500).describe('Port to listen on; 0 takes a free one.'),
          allowedHosts: z
            .array(text())
            .default([])
            .describe('Names, other than loopback and the address above, that a request may carry in Host and Origin.'),
        })
        .prefault({})
        .describe('The HTTP API and the dashboard.'),
      store: z
        .strictObject({ path: path().optional().describe("The SQLite database; default: pitwall.db in Pitwall's home.") })
        .prefault({})
        .describe('Where runs are kept.'),
      evidence: z
        .strictObject({ path: path().optional().describe("Folder for what a freeze captured; default: evidence in Pitwall's home.") })
        .prefault({})
        .describe('The evidence store.'),
      registry: registrySchema().optional().describe('An OCI registry that evidence is pushed to; without one it stays local.'),
      policy: policySchema().prefault({}).describe('What is allowed where it matters most.'),
      helper: z
        .strictObject({
          image: text().optional().describe('Image for helper containers, in place of the one that Pitwall builds from itself.'),
        })
        .prefault({})
        .describe('Helper containers.'),
      retention: retentionSchema().prefault({}).describe('How long things are kept.'),
      notify: z
        .array(hookSchema())
        .default([])
        .describe('Webhooks that `serve` tells of what went wrong or is about to; see docs/notices.md.'),
      stop: z
        .strictObject({
          within: duration({ min: 5_000 })
            .prefault('10m')
            .describe(
              'On SIGTERM `serve` undoes what runs; what is not undone by then stays in the journal, and the next start settles it.',
            ),
        })
        .prefault({})
        .describe('How `serve` stops.'),
    })
    .superRefine((raw, ctx) => {
      const names = raw.engines.map((engine) => engine.name);
      for (const [i, name] of names.entries()) {
        const first = names.indexOf(name);
        if (first < i) ctx.addIssue({ code: 'custom', path: ['engines', i, 'name'], message: `is also the name of engines[${first}]` });
      }
      const hooks = raw.notify.map((hook) => hook.name);
      for (const [i, name] of hooks.entries()) {
        const first = hooks.indexOf(name);
        if (first < i) ctx.addIssue({ code: 'custom', path: ['notify', i, 'name'], message: `is also the name of notify[${first}]` });
      }
      for (const [i, rule] of raw.optIn.entries()) {
        for (const [j, name] of (rule.engines ?? []).entries()) {
          const engine = raw.engines.find((listed) => listed.name === name);
          const at = { code: 'custom' as const, path: ['optIn', i, 'engines', j] };
          if (!engine) ctx.addIssue({ ...at, message: `is not the name of a listed engine (listed: ${names.join(', ') || 'none'})` });
          else if (engine.environment === 'production') {
            ctx.addIssue({ ...at, message: 'is an engine of the environment production, where containers opt in by their labels only' });
          }
        }
      }
    });
}

function engineSchema() {
  return z.strictObject({
    name: z
      .string()
      .max(63)
      .regex(/^[A-Za-z0-9][\w.-]*$/, { error: 'is not a name of letters, digits, dot, dash and underscore (try staging-1)', abort: true })
      .describe('Name by which drills and commands mean it; unique.'),
    host: parsedBy(parseHost, {
      anyOf: [{ type: 'string', pattern: '^(unix|tcp|https|ssh)://' }],
      examples: ['unix:///var/run/docker.sock'],
      $comment: 'address',
    }).describe('Where it is reached: unix:///path, tcp://host:2376, ssh://user@host.'),
    environment: slug().describe(
      'What it serves: staging, ci, local, production or a word of your own. Drills name the environments that they may run on.',
    ),
    id: text().optional().describe('The ID that `docker info` says; another engine at this address is then refused.'),
    tls: z
      .strictObject({
        ca: path().optional().describe("PEM file of the authority that signed the engine's certificate; default: those that Node trusts."),
        cert: path().optional().describe("PEM file of Pitwall's own certificate."),
        key: path().optional().describe('PEM file of its key.'),
      })
      .optional()
      .describe('For tcp://: proves the engine and Pitwall to each other.'),
    insecure: z.boolean().optional().describe('Allows TCP without TLS to another machine.'),
  });
}

function optInSchema() {
  return z
    .strictObject({
      compose: text().optional().describe('Containers of this Compose project.'),
      services: z.array(text()).min(1).optional().describe('Only these services of the project.'),
      names: globs().optional().describe('Containers with these names, with * and ?.'),
      images: globs().optional().describe('Containers of these images, with * and ?.'),
      labels: z.record(text(), z.string()).optional().describe('Containers that carry all these labels with these values.'),
      engines: z.array(text()).min(1).optional().describe('Only on these listed engines.'),
      kinds: kindsOrAll().describe('Kinds of drill that they opt in to: all, or a list.'),
    })
    .superRefine((rule, ctx) => {
      if (rule.compose === undefined && !rule.names && !rule.images && Object.keys(rule.labels ?? {}).length === 0) {
        ctx.addIssue({ code: 'custom', message: 'must say which containers: compose, names, images or labels' });
      }
      if (rule.services && rule.compose === undefined) {
        ctx.addIssue({ code: 'custom', path: ['services'], message: 'needs compose: the project that the services are of' });
      }
    });
}

function kindsOrAll(): z.ZodType<'all' | DrillKindName[]> {
  const list = once(() => z.array(z.enum(drillKinds)).min(1));
  return parsedBy<'all' | DrillKindName[]>(
    (input, ctx) => {
      if (input === 'all') return good(input);
      return Array.isArray(input) ? nested(list(), input, ctx) : bad(`is not all or a list of kinds (known: ${drillKinds.join(', ')})`);
    },
    { alternatives: () => [z.literal('all'), list()], examples: ['all'], $comment: 'list of kinds, or all' },
  );
}

function registrySchema() {
  return z
    .strictObject({
      url: parsedBy(parseRegistry, {
        anyOf: [{ type: 'string', pattern: '^https?://' }],
        examples: ['http://127.0.0.1:5000'],
        $comment: 'URL',
      }).describe('Its address.'),
      repository: z
        .string()
        .regex(/^[a-z0-9]+([._/-][a-z0-9]+)*$/, { error: 'is not the name of a repository (try evidence)', abort: true })
        .default('evidence')
        .describe('Repository in it.'),
      credentials: secretRef().optional().describe('Where `user:password` is found; never the value itself.'),
      insecure: z.boolean().default(false).describe('Allows plain HTTP to another machine.'),
    })
    .superRefine((raw, ctx) => {
      const url = new URL(raw.url);
      if (url.protocol === 'http:' && !raw.insecure && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) {
        ctx.addIssue({ code: 'custom', path: ['url'], message: 'is plain HTTP to another machine (use https, or say insecure: true)' });
      }
    });
}

function policySchema() {
  const freeze = z.strictObject({
    rule: text().describe('Name of the rule in the alert, exactly.'),
    maxPerHour: z.int().min(1).default(3).describe('More freezes by this rule in an hour are refused.'),
    priority: parsedBy(parsePriorityField, { anyOf: [{ enum: [...priorities] }], examples: ['warning'], $comment: 'priority' })
      .optional()
      .describe(`Only alerts of this priority or a more urgent one: ${priorities.join(', ')}. Default: any.`),
    labels: z.record(text(), z.string()).default({}).describe('Only containers that carry all these labels with these values.'),
    disposition: z.enum(dispositions).default('keep').describe('What becomes of the container once its evidence is safe.'),
    memory: z
      .enum(memoryModes)
      .default('proc')
      .describe('How memory is captured: from /proc; full takes a CRIU checkpoint as well, where it can work; or off.'),
    lease: duration({ min: 60_000 })
      .prefault('4h')
      .describe('How long it is held frozen before it is shown as overdue; an alert never lets it go by itself.'),
  });
  return z.strictObject({
    production: z.array(z.enum(drillKinds)).default([]).describe('Kinds of drill that may run on engines of the environment production.'),
    freeze: z
      .array(freeze)
      .default([])
      .describe('Freezes that an alert may ask for; the first rule that fits decides. Containers must have opted in as well.'),
  });
}

function parsePriorityField(input: unknown): Parsed<Priority> {
  const priority = typeof input === 'string' ? parsePriority(input) : null;
  return priority === null ? bad(`is not a priority (known: ${priorities.join(', ')})`) : good(priority);
}

function hookSchema() {
  return z.strictObject({
    name: slug().describe('Name by which logs, metrics and `pitwall notify test` mean it; unique.'),
    url: parsedBy<string | SecretRef>((input, ctx) => (typeof input === 'string' ? parseHook(input) : nested(secretRef(), input, ctx)), {
      alternatives: () => [z.string().meta({ pattern: '^https?://', $comment: 'URL' }), secretRef()],
      examples: ['{ env: OPS_WEBHOOK }'],
      $comment: 'URL, or where it is found',
    }).describe('Where to; https, or http to an internal address. Better a reference than the address itself, which is a secret.'),
    format: z
      .enum(hookFormats)
      .default('json')
      .describe('What is sent: the notice as JSON, or a text for Slack and what understands the same.'),
    secret: secretRef().optional().describe('Where the key is found that `Pitwall-Signature` is made with; without one nothing is signed.'),
    on: z
      .array(z.enum(noticeTypes))
      .min(1)
      .default([...noticesByDefault])
      .describe('What it is told.'),
    allowPrivate: parsedBy<boolean | string[]>(
      (input, ctx) => (typeof input === 'boolean' ? good(input) : nested(z.array(parsedBy(parseRange, rangeMeta)).min(1), input, ctx)),
      {
        alternatives: () => [z.boolean(), z.array(parsedBy(parseRange, rangeMeta)).min(1)],
        examples: ['true'],
        $comment: 'true, or list of ranges',
      },
    )
      .prefault(false)
      .describe(
        'Allows loopback and private addresses (true), or the ranges that are listed and no others. Without it an address that is not public is refused.',
      ),
  });
}

const rangeMeta = { anyOf: [{ type: 'string' }], examples: ['10.1.0.0/16'], $comment: 'range of addresses' };

function parseRange(input: unknown): Parsed<string> {
  return typeof input === 'string' && isRange(input) ? good(input) : bad('is not a range of addresses (try 10.1.0.0/16)');
}

/** No part of it may be in a message. */
function parseHook(input: string): Parsed<string> {
  if (!/^https?:\/\/[^/]/.test(input) || !URL.canParse(input)) return bad('is not an http or https address');
  const url = new URL(input);
  return url.username === '' && url.password === '' ? good(input) : bad('must not carry a user name or a password');
}

function retentionSchema() {
  return z.strictObject({
    runs: z
      .strictObject({
        maxAge: duration({ min: 60_000 }).prefault('400d').describe('Runs that ended longer ago are deleted.'),
        maxCount: z.int().min(1).default(1_000_000).describe('Of more runs than this the oldest are deleted.'),
      })
      .prefault({})
      .describe('Ended runs, with their events and measurements; never what an open run needs.'),
    notices: z
      .strictObject({
        maxAge: duration({ min: 60_000 }).prefault('90d').describe('Notices from longer ago are deleted, once none waits to be sent.'),
      })
      .prefault({})
      .describe('What hooks were told.'),
  });
}

function path() {
  return text().meta({ $comment: 'path' });
}

function parseHost(input: unknown): Parsed<string> {
  const fail = bad('is not the address of an engine (try unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host)');
  if (typeof input !== 'string' || !/^(unix:\/\/\/|(tcp|https|ssh):\/\/)[^\s]+$/.test(input)) return fail;
  if (!input.startsWith('unix:') && !URL.canParse(input)) return fail;
  return input.startsWith('unix:') || new URL(input).password === '' ? good(input) : bad('must not carry a password');
}

function parseRegistry(input: unknown): Parsed<string> {
  if (typeof input !== 'string' || !/^https?:\/\/[^/]/.test(input) || !URL.canParse(input)) {
    return bad('is not the http or https address of a registry (try http://127.0.0.1:5000)');
  }
  const url = new URL(input);
  return url.username === '' && url.password === ''
    ? good(input.replace(/\/+$/, ''))
    : bad('must not carry a user name or a password (use credentials)');
}
