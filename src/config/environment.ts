import type { z } from 'zod';
import { nearest } from './nearest.ts';
import { type Problem, problem } from './problem.ts';
import { readYaml } from './yaml/yaml.ts';

/** A key of the configuration that a variable of the environment can set. */
export interface Setting {
  readonly path: readonly string[];
  /** `PITWALL_API_PORT` */
  readonly variable: string;
  readonly form: 'text' | 'scalar' | 'list' | 'map';
  /** One of several keys of which only one may be there: takes the place of the others in the file. */
  readonly exclusive: boolean;
}

export interface Overridden {
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** The variable that gave the value at this path, or null. */
  variableAt(path: readonly PropertyKey[]): string | null;
}

/** Every setting of a schema: objects are walked into, all else is one value. */
export function settings(schema: z.core.$ZodType, path: readonly string[] = [], exclusive = false): Setting[] {
  const inner = unwrap(schema);
  if (inner.type === 'object') {
    return Object.entries(inner.shape ?? {}).flatMap(([key, field]) => settings(field, [...path, key], exclusive));
  }
  const branches = inner.alternatives?.every((branch) => unwrap(branch).type === 'object') ? inner.alternatives : [];
  const own = {
    path,
    variable: `PITWALL_${path.join('_').toUpperCase()}`,
    form: branches.length > 0 ? ('map' as const) : form(inner.type),
    exclusive,
  };
  return [own, ...branches.flatMap((branch) => settings(branch, path, true))];
}

/**
 * Lays the environment over what the file says. Text stands as it is; numbers and true/false as in YAML; lists as `a,b` or `[a, b]`; maps
 * as `{ key: value }`. An empty variable is as good as none, which is how Compose passes on what is not set.
 */
export function override(data: unknown, known: readonly Setting[], env: Readonly<Record<string, string | undefined>>): Overridden {
  const problems: Problem[] = [];
  const given: Setting[] = [];
  let result = data;
  for (const one of known) {
    const raw = env[one.variable]?.trim() ?? '';
    if (raw === '') continue;
    const parent = one.path.slice(0, -1);
    const alone =
      one.exclusive && !given.some((other) => other.path.length === one.path.length && parent.every((key, i) => key === other.path[i]));
    if (alone) result = withValue(result, parent, {});
    given.push(one);
    const value = read(raw, one.form);
    if (value !== undefined) result = withValue(result, one.path, value);
    else problems.push(misread(one));
  }
  return {
    data: result,
    problems: [...problems, ...misspelt(known, env)],
    variableAt: (path) => given.find((one) => one.path.every((key, i) => key === path[i]))?.variable ?? null,
  };
}

function misread({ variable, path, form: wanted }: Setting): Problem {
  const what = wanted === 'map' ? 'a map (try { key: value })' : 'a list (try a,b or [a, b])';
  return problem({ code: 'bad_value', file: variable, place: nowhere, path, value: '', expected: `must be ${what}, written as in YAML` });
}

/** Other variables may begin with our name too, so only what is nearly a setting counts as a slip. */
function misspelt(known: readonly Setting[], env: Readonly<Record<string, string | undefined>>): Problem[] {
  const names = known.map((one) => one.variable);
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith('PITWALL_') || names.includes(name)) return [];
    const meant = nearest(name, names, 2);
    if (meant === null) return [];
    return [problem({ code: 'unknown_key', file: name, place: nowhere, expected: `is not a setting (did you mean ${meant}?)` })];
  });
}

const nowhere = { line: 0, column: 0 };

function form(type: string): Setting['form'] {
  if (type === 'array') return 'list';
  if (type === 'record') return 'map';
  return type === 'number' || type === 'boolean' ? 'scalar' : 'text';
}

/** Undefined: it cannot be read. */
function read(raw: string, wanted: Setting['form']): unknown {
  if (wanted === 'text') return raw;
  if (wanted === 'list' && !/^[[-]/.test(raw)) return raw.split(',').map((item) => item.trim());
  const [document] = readYaml(raw, '').documents;
  const value = document?.data;
  if (wanted === 'scalar') return value ?? raw;
  return Array.isArray(value) === (wanted === 'list') && typeof value === 'object' && value !== null ? value : undefined;
}

function withValue(data: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  // What stands there is no map: the schema will say so.
  if (data !== undefined && data !== null && (typeof data !== 'object' || Array.isArray(data))) return data;
  const map = (data ?? {}) as Readonly<Record<string, unknown>>;
  return { ...map, [key]: withValue(map[key], rest, value) };
}

interface Unwrapped {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly alternatives?: readonly z.core.$ZodType[] | undefined;
}

/** Through `optional`, defaults and transforms to what is written in the file. */
function unwrap(schema: z.core.$ZodType): Unwrapped {
  const def = schema._zod.def as unknown as Unwrapped & { readonly innerType?: z.core.$ZodType; readonly in?: z.core.$ZodType };
  const inner = def.type === 'pipe' ? def.in : def.innerType;
  if (inner) return unwrap(inner);
  if (def.shape) return { type: def.type, shape: def.shape };
  const build = (schema as z.ZodType).meta()?.alternatives as (() => readonly z.core.$ZodType[]) | undefined;
  return { type: def.type, alternatives: build?.() };
}
