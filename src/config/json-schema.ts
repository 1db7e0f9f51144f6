import { z } from 'zod';
import { drillSchema, type KindContract } from './drill/drill-schema.ts';

/** As much of JSON Schema (draft 2020-12) as ours use. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly $comment?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly if?: JsonSchema;
  readonly then?: JsonSchema;
}

/** For editors: of one document of a drill file, with `params` and `objectives` checked by its `kind`. */
export function drillJsonSchema(kinds: ReadonlyMap<string, KindContract>): JsonSchema {
  const base = toJsonSchema(drillSchema(null));
  return {
    ...base,
    title: 'Pitwall drill',
    description: 'What to practise, on which targets, how safely, against which objectives.',
    properties: { ...base.properties, kind: { ...base.properties?.kind, enum: [...kinds.keys()] } },
    allOf: [...kinds.values()].map((kind) => when({ properties: { kind: { const: kind.name } } }, ofKind(kind))),
  };
}

/** What a person may write, which is the input side of a schema. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: 'input',
    override: ({ jsonSchema }) => {
      const own: { alternatives?: () => readonly z.ZodType[]; anyOf?: unknown; maximum?: unknown } = jsonSchema;
      if (own.alternatives) own.anyOf = own.alternatives().map(withoutDialect);
      delete own.alternatives;
      // Zod's bound for whole numbers says nothing to a reader.
      if (own.maximum === Number.MAX_SAFE_INTEGER) delete own.maximum;
    },
  }) as JsonSchema;
}

function when(condition: JsonSchema, consequence: JsonSchema): JsonSchema {
  return Object.fromEntries([
    ['if', condition],
    // oxlint-disable-next-line unicorn/no-thenable -- the word is JSON Schema's, and nothing awaits this
    ['then', consequence],
  ]);
}

function ofKind(kind: KindContract): JsonSchema {
  const { params = {}, objectives = {} } = toJsonSchema(drillSchema(kind)).properties ?? {};
  const properties = { params: { ...params, description: kind.summary }, objectives };
  return (params.required ?? []).length > 0 ? { properties, required: ['params'] } : { properties };
}

function withoutDialect(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = toJsonSchema(schema);
  return rest;
}
