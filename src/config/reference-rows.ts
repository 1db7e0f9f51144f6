import type { JsonSchema } from './json-schema.ts';

/** One key, as the generated references list it. */
export interface ReferenceRow {
  /** `safety.abortIf.for`, `steadyState[].name` */
  readonly key: string;
  readonly type: string;
  /** As written in YAML; null when there is none. */
  readonly default: string | null;
  readonly required: boolean;
  readonly description: string;
}

/** Every key of a schema, those of maps and of lists of maps below it; of forms that share a key, the first. */
export function referenceRows(schema: JsonSchema, prefix = ''): ReferenceRow[] {
  const rows = forms(schema).flatMap((form) =>
    Object.entries(form.properties ?? {}).flatMap(([name, field]) => {
      const key = prefix === '' ? name : `${prefix}.${name}`;
      return [row(key, field, isRequired(schema, name)), ...rowsBelow(field, key)];
    }),
  );
  return rows.filter((one, i) => rows.findIndex((other) => other.key === one.key) === i);
}

/** The keys below one key. */
export function rowsBelow(field: JsonSchema, key: string): ReferenceRow[] {
  if (field.type === 'array' && field.items) return referenceRows(field.items, `${key}[]`);
  return referenceRows(field, key);
}

/** What may stand there, in a few words. */
export function typeText(schema: JsonSchema): string {
  const example = schema.examples?.[0];
  if (schema.$comment) return `${schema.$comment}${example === undefined ? '' : `, e.g. ${code(example)}`}`;
  if (schema.enum) return schema.enum.map(code).join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.type === 'array') return `list${schema.items ? ` of ${plural(schema.items)}` : ''}`;
  if (schema.type === 'object') return 'map';
  if (schema.type === 'boolean') return '`true` or `false`';
  if (schema.type === 'integer' || schema.type === 'number')
    return `${schema.type === 'integer' ? 'whole number' : 'number'}${range(schema)}`;
  if (schema.anyOf) return schema.anyOf.map(typeText).join(', or ');
  return schema.type === 'string' ? 'text' : 'any';
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function row(key: string, schema: JsonSchema, required: boolean): ReferenceRow {
  const given = schema.default;
  const empty = typeof given === 'object' && given !== null && Object.keys(given).length === 0;
  return {
    key,
    type: typeText(schema),
    default: given === undefined || empty ? null : code(Array.isArray(given) ? `[${given.join(', ')}]` : given),
    required,
    description: schema.description ?? '',
  };
}

/** The map itself, or each of the maps that it may be. */
function forms(schema: JsonSchema): readonly JsonSchema[] {
  return schema.properties ? [schema] : (schema.anyOf ?? []).filter((form) => form.properties);
}

/** In every form that it may take: a key that only one form needs is what tells that form apart. */
function isRequired(schema: JsonSchema, name: string): boolean {
  const all = schema.properties ? [schema] : (schema.anyOf ?? []);
  return all.every((form) => form.required?.includes(name));
}

function plural(items: JsonSchema): string {
  if (items.properties || items.anyOf?.some((form) => form.properties)) return 'maps';
  if (items.enum) return items.enum.map(code).join(', ');
  return items.$comment ? `${items.$comment}s` : items.type === 'string' ? 'texts' : `${typeText(items)}s`;
}

function range({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`;
  return minimum === undefined ? '' : `, at least ${minimum}`;
}
