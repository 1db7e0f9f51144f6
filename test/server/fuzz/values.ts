/** Values of a JSON Schema, as far as our description uses it, and what is nearly one. */
import fc from 'fast-check';

export interface Schema {
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly examples?: readonly unknown[];
}

export function oneOf(schema: Schema): fc.Arbitrary<unknown> {
  if (Object.hasOwn(schema, 'const')) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const { examples, ...rest } = schema;
  if (examples !== undefined)
    return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...examples) }, { weight: 1, arbitrary: oneOf(rest) });
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(oneOf));
  switch (schema.type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'number':
    case 'integer':
      return fc.integer();
    case 'string':
      return textOf(schema);
    case 'array':
      return fc.array(oneOf(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: Math.min(schema.maxItems ?? 3, 3) });
    case 'object':
      return objectOf(schema);
    default:
      return fc.jsonValue();
  }
}

/** Markup, control and bidirectional characters, halves of pairs, numbers out of range, SQL and paths. */
export const nasty: readonly string[] = [
  '',
  '\u0000',
  '\u202e\u2066x',
  '\u001b[31m',
  '<script>alert(1)</script>',
  '=cmd|x!A1',
  "' OR 1=1 --",
  '../../etc/passwd',
  '__proto__',
  'constructor',
  '\ud800',
  '\ufeff',
  '😀'.repeat(40),
  '9'.repeat(30),
  '-1',
  '1e9',
  'NaN',
  'x'.repeat(300),
];

export const junk = fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'binary', maxLength: 30 }));

/** A value of the schema with one thing wrong somewhere. */
export function nearlyOf(schema: Schema): fc.Arbitrary<unknown> {
  return fc
    .tuple(oneOf(schema), fc.nat(), fc.oneof(fc.jsonValue({ maxDepth: 2 }), junk), fc.constantFrom('replace', 'drop', 'add'))
    .map(([value, at, wrong, how]) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong;
      const keys = Object.keys(value);
      const key = keys[at % Math.max(1, keys.length)];
      if (how === 'add' || key === undefined) return { ...value, [typeof wrong === 'string' ? wrong : 'more']: wrong };
      const { [key]: _, ...rest } = value as Record<string, unknown>;
      return how === 'drop' ? rest : { ...rest, [key]: wrong };
    });
}

function textOf({ pattern, format, minLength = 0, maxLength = 50 }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') }).map((date) => date.toISOString());
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 50) });
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): fc.Arbitrary<object> {
  const known = fc.record(Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, oneOf(schema)])), {
    requiredKeys: [...required],
  });
  if (additionalProperties === false) return known;
  const more = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 10 }),
    oneOf(typeof additionalProperties === 'object' ? additionalProperties : {}),
    {
      maxKeys: 3,
    },
  );
  return fc.tuple(more, known).map(([some, own]) => ({ ...some, ...own }));
}
