import { z } from 'zod';
import { duration, nested, oneOf, parsedBy, secretRef, text } from '../../../../config/fields.ts';
import { bad, good, type Parsed } from '../../../../domain/parsed.ts';
import type { AnswerPaths, ExecStep, HeaderValue, HttpStep, ScriptStep, Step, Template } from './step.ts';
import { badPlaceholder, placeholdersIn } from './template.ts';

/** A step that says nothing but whether it succeeded. */
export function step(): z.ZodType<Step> {
  return stepWith({}, silent);
}

/** A step of which a credential comes. */
export function answeringStep(): z.ZodType<Step> {
  return stepWith(
    {
      generate: z
        .boolean()
        .default(false)
        .describe('Pitwall makes the value, 256 random bits, and hands it over: as `new` to issue, as `old` to prepare.'),
      answer: answerField().prefault({}).describe('Where the credential stands in the JSON that it answers with.'),
    },
    (raw) => {
      const { generate, answer } = raw as { generate: boolean; answer: AnswerPaths };
      return { generate, answer };
    },
  );
}

const silent = () => ({ generate: false, answer: { user: ['user'], secret: ['secret'], keep: {} } });

type Extra = Pick<Step, 'generate' | 'answer'>;

function stepWith(extra: Readonly<Record<string, z.ZodType>>, read: (raw: object) => Extra): z.ZodType<Step> {
  const common = () => ({
    timeout: duration({ min: 1 }).prefault('30s').describe('It has failed when it has not ended by then.'),
    ...extra,
  });
  return oneOf<Step>({ exec: () => exec(common(), read), http: () => http(common(), read), script: () => script(common(), read) }, 'step');
}

type CommonFields = { timeout: z.ZodType<number> };

function exec(common: CommonFields, read: (raw: object) => Extra): z.ZodType<Step> {
  return z
    .strictObject({
      exec: argv().describe('Program and arguments, in a container; no shell. It gets its input on standard input.'),
      in: z.strictObject({ service: text().describe('A service of the targets; its first running replica.') }).describe('Where it runs.'),
      each: z.boolean().default(false).describe('It is run in every running replica, all at once.'),
      ...common,
    })
    .superRefine((raw, ctx) => {
      if (raw.each && 'generate' in raw && raw.generate !== true)
        ctx.addIssue({
          code: 'custom',
          path: ['each'],
          message: 'needs generate: true here, or each replica would answer with another value',
        });
    })
    .transform(
      (raw): ExecStep => ({ type: 'exec', argv: raw.exec, service: raw.in.service, each: raw.each, timeoutMs: raw.timeout, ...read(raw) }),
    );
}

function script(common: CommonFields, read: (raw: object) => Extra): z.ZodType<Step> {
  return z
    .strictObject({
      script: argv()
        .refine(([program = '']) => program.startsWith('/') || !program.includes('/'), {
          error: 'begins with a path that depends on where Pitwall is started (give an absolute one, or a name to be found by PATH)',
        })
        .describe('Program and arguments, where Pitwall runs; no shell. It gets its input on standard input.'),
      ...common,
    })
    .transform((raw): ScriptStep => ({ type: 'script', argv: raw.script, timeoutMs: raw.timeout, ...read(raw) }));
}

function http(common: CommonFields, read: (raw: object) => Extra): z.ZodType<Step> {
  return z
    .strictObject({
      http: parsedBy(parseUrl, {
        anyOf: [{ type: 'string', pattern: '^https?://' }],
        examples: ['http://vault:8200/v1/database/creds/pitwall-app'],
        $comment: 'URL',
      }).describe('Address; names may stand in it, like {user} and {name}, never secrets. Redirects are not followed.'),
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST').describe('What is asked.'),
      headers: z
        .record(z.string().regex(/^[\w-]+$/, { error: 'is not the name of a header' }), headerField())
        .default({})
        .describe('Headers: a reference to where a token is, or a text, in which {old} and {new} stand for the values.'),
      body: parsedBy(parseBody, {
        anyOf: [{ const: 'input' }, { type: 'object' }],
        examples: ['input'],
        $comment: 'input or map',
      })
        .optional()
        .describe(
          'What is sent, as JSON: a map, in whose texts {user}, {old}, {new} and the others stand for the values; `input`: all of them. Default: nothing.',
        ),
      status: z
        .union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1)])
        .optional()
        .describe('Status, or statuses, that mean success; default: 200 to 299.'),
      from: z
        .strictObject({ service: text().describe('A service of the targets; its first running replica.') })
        .optional()
        .describe('Asked from inside its network; default: from where Pitwall runs.'),
      ...common,
    })
    .superRefine(({ headers }, ctx) => {
      for (const [name, value] of Object.entries(headers)) {
        if (typeof value !== 'string' || !bearsSecret.test(name) || value.includes('{')) continue;
        const message = 'may hold a secret, which has no place in a drill file (give { env: … } or { file: … })';
        ctx.addIssue({ code: 'custom', path: ['headers', name], message });
      }
    })
    .transform(
      (raw): HttpStep => ({
        type: 'http',
        url: raw.http,
        method: raw.method,
        headers: raw.headers,
        body: raw.body ?? null,
        status: raw.status === undefined ? null : [raw.status].flat(),
        from: raw.from?.service ?? null,
        timeoutMs: raw.timeout,
        ...read(raw),
      }),
    );
}

/** Names of headers whose value nobody may see. */
const bearsSecret = /authorization|cookie|token|secret|password|key/i;

function answerField(): z.ZodType<AnswerPaths> {
  const path = () =>
    z
      .string()
      .regex(/^[^.]+(\.[^.]+)*$/, { error: 'is not a path of keys (try data.password)' })
      .transform((keys) => keys.split('.'));
  return z.strictObject({
    user: path().prefault('user').describe('The user, where there is one; keys, one inside the other: data.username.'),
    secret: path().prefault('secret').describe('The value.'),
    keep: z
      .record(z.string().regex(/^\w+$/, { error: 'is not a name of letters and digits' }), path())
      .default({})
      .describe(
        'What later steps need beside it, by a name of yours: `{ lease: lease_id }` is {kept.old.lease} or {kept.new.lease} to them.',
      ),
  });
}

function argv() {
  return z
    .array(z.string())
    .min(1)
    .refine(([program]) => program !== '', { error: 'begins with an empty text, which is no program' });
}

function parseUrl(input: unknown): Parsed<string> {
  if (typeof input !== 'string' || !/^https?:\/\/[^/{]/.test(input) || !URL.canParse(input))
    return bad('is not an http or https URL (try http://vault:8200/v1/database/creds/pitwall-app)');
  const url = new URL(input);
  if (url.username !== '' || url.password !== '') return bad('must not carry a user name or a password');
  if (url.host.includes('{') || url.host.includes('%7B')) return bad('has a placeholder for its host');
  const problem = badPlaceholder(input, 'address');
  return problem === null ? good(input) : bad(problem);
}

function parseBody(input: unknown): Parsed<NonNullable<HttpStep['body']>> {
  if (input === 'input') return good('input');
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return bad('is neither `input` nor a map');
  const template = input as Template;
  const problem = placeholdersIn(template)
    .map((each) => badPlaceholder(each, 'content'))
    .find((found) => found !== null);
  return problem === undefined ? good({ template }) : bad(problem);
}

function headerField(): z.ZodType<HeaderValue> {
  return parsedBy<HeaderValue>(
    (input, ctx) => {
      if (typeof input === 'string') return parseHeader(input);
      const { prefix = '', ...rest } = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
      if (typeof prefix !== 'string') return bad('has a prefix that is no text');
      const ref = nested(secretRef(), rest, ctx);
      return ref?.ok ? good({ ref: ref.value, prefix }) : ref;
    },
    {
      anyOf: [
        { type: 'string' },
        {
          type: 'object',
          properties: { env: { type: 'string' }, file: { type: 'string' }, prefix: { type: 'string' } },
          additionalProperties: false,
        },
      ],
      $comment: 'text or secret',
    },
  );
}

function parseHeader(input: string): Parsed<string> {
  if (/[\r\n\0]/.test(input)) return bad('has a line feed in it');
  const problem = badPlaceholder(input, 'content');
  return problem === null ? good(input) : bad(problem);
}
