import { z } from 'zod';
import { parseDuration } from '../domain/duration.ts';
import type { Parsed } from '../domain/parsed.ts';
import { parsePercent, parseRatio } from '../domain/percent.ts';
import { parseSize } from '../domain/size.ts';
import { explain } from './explain.ts';

/**
 * Fields that drill files, kinds' parameters and the configuration share. Each is a function, so that nothing is built before it is needed.
 * `$comment` is the name that the generated reference gives to the type.
 */

/** `90s`, `7d`; in ms. */
export function duration(options: { readonly min?: number } = {}): z.ZodType<number> {
  return parsedBy((input) => atLeast(parseDuration(input), options.min), {
    anyOf: [{ type: 'string', pattern: '^([0-9]+(\\.[0-9]+)? ?(d|h|m|s|ms) ?)+$|^0$' }, { const: 0 }],
    examples: ['90s', '7d'],
    $comment: 'duration',
  });
}

/** `99.5%`; as a share from 0 to 1. */
export function percent(): z.ZodType<number> {
  return parsedBy(parsePercent, {
    anyOf: [{ type: 'string', pattern: '^[0-9]{1,3}(\\.[0-9]+)? ?%$' }],
    examples: ['99.5%'],
    $comment: 'percentage',
  });
}

/** `99.5%` or 0.995; as a share from 0 to 1. */
export function ratio(): z.ZodType<number> {
  return parsedBy(parseRatio, {
    alternatives: () => [percent(), z.number().min(0).max(1)],
    examples: ['90%', 0.9],
    $comment: 'percentage or ratio',
  });
}

/** `64MiB`; in bytes. */
export function size(): z.ZodType<number> {
  return parsedBy(parseSize, {
    anyOf: [{ type: 'string', pattern: '^[0-9]+(\\.[0-9]+)? ?([KkMmGgTt][Ii]?)?[Bb]$|^0$' }, { const: 0 }],
    examples: ['64MiB', '10MB'],
    $comment: 'size',
  });
}

/** Lower-case letters, digits and dashes. */
export function slug(): z.ZodString {
  return z
    .string()
    .max(63)
    .regex(/^[a-z0-9-]+$/, { error: 'is not a name of a–z, 0–9 and dashes (try recycle-shop)', abort: true })
    .meta({ $comment: 'name' });
}

/** A text that is not empty. */
export function text(): z.ZodString {
  return z.string().min(1);
}

/** Text with `*` and `?`. */
export function globs(): z.ZodArray<z.ZodString> {
  return z.array(text()).min(1).meta({ $comment: 'list of globs' });
}

/** Where a secret is to be found; never the secret. */
export type SecretRef = { readonly env: string } | { readonly file: string };

export function secretRef(): z.ZodType<SecretRef> {
  return oneOf<SecretRef>(
    {
      env: () => z.strictObject({ env: text().describe('Name of the variable of the environment that holds it.') }),
      file: () => z.strictObject({ file: text().describe('File that holds it; its last line feed is left out.') }),
    },
    'secret',
  );
}

/**
 * A map that has exactly one of the named keys, each with a schema of its own. Zod's own union buries what is wrong in every branch; this
 * one picks the branch by its key and reports that branch alone. Branches are built when they are first needed, most never.
 */
export function oneOf<T>(branches: Readonly<Record<string, () => z.ZodType<T>>>, comment: string): z.ZodType<T> {
  const names = Object.keys(branches);
  const schemas = new Map(names.map((name) => [name, once(branches[name] as () => z.ZodType<T>)]));
  const branch = (name: string) => (schemas.get(name) as () => z.ZodType<T>)();
  const wanted = `exactly one of ${names.join(', ')}`;
  return parsedBy(
    (input, ctx) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) return { ok: false, problem: `is not a map with ${wanted}` };
      const given = names.filter((name) => Object.hasOwn(input, name));
      const [only] = given;
      if (only === undefined || given.length > 1)
        return { ok: false, problem: `must have ${wanted}${given.length > 1 ? `, not ${given.join(' and ')}` : ''}` };
      return nested(branch(only), input, ctx);
    },
    { alternatives: () => names.map(branch), $comment: comment },
  );
}

type Context = z.core.$RefinementCtx<unknown>;

/** Reads with another schema inside a transform; its issues become issues of the value. Null: they have been reported. */
export function nested<T>(schema: z.ZodType<T>, input: unknown, ctx: Context): Parsed<T> | null {
  const result = schema.safeParse(input, { error: explain });
  if (result.success) return { ok: true, value: result.data };
  for (const issue of result.error.issues) ctx.addIssue({ ...issue, input } as Parameters<Context['addIssue']>[0]);
  return null;
}

/** A field read by a function of ours. `meta` is what the JSON Schema says of it; `alternatives` become its `anyOf`. */
export function parsedBy<T>(parse: (input: unknown, ctx: Context) => Parsed<T> | null, meta: FieldMeta): z.ZodType<T> {
  return z
    .unknown()
    .meta(meta)
    .transform((input, ctx): T => {
      const example = meta.examples?.[0];
      const read =
        input === undefined
          ? {
              ok: false as const,
              problem: `is missing: expected ${/^[aeio]/.test(meta.$comment) ? 'an' : 'a'} ${meta.$comment}${example === undefined ? '' : ` (try ${example})`}`,
            }
          : parse(input, ctx);
      if (read?.ok) return read.value;
      if (read) ctx.addIssue({ code: 'custom', message: read.problem, input });
      return z.NEVER;
    });
}

/** Builds once, when first asked. */
export function once<T>(build: () => T): () => T {
  let built: { readonly value: T } | null = null;
  return () => {
    built ??= { value: build() };
    return built.value;
  };
}

interface FieldMeta {
  readonly anyOf?: readonly object[];
  readonly examples?: readonly (string | number)[];
  readonly alternatives?: () => readonly z.ZodType[];
  readonly $comment: string;
  readonly [key: string]: unknown;
}

function atLeast(parsed: Parsed<number>, min: number | undefined): Parsed<number> {
  return parsed.ok && min !== undefined && parsed.value < min ? { ok: false, problem: `is less than ${min} ms` } : parsed;
}
