import { InterpolationError, interpolate, type Variables } from './interpolate.ts';
import { type Data, isMap, mapOf, type Path, type Source } from './source.ts';

/** Takes `<<` in, at every depth: what stands in the map itself wins, then the first of several. */
export function withMergeKeys(value: unknown, path: Path, source: Source): unknown {
  if (Array.isArray(value)) return value.map((one, i) => withMergeKeys(one, [...path, i], source));
  if (!isMap(value)) return value;
  const { '<<': merged, ...own } = value;
  const result: Record<string, unknown> = {};
  const from = merged === undefined ? [] : Array.isArray(merged) ? merged : [merged];
  for (const one of [...from].reverse()) {
    if (!isMap(one)) source.fail([...path, '<<'], 'must be a map, or a list of maps');
    Object.assign(result, withMergeKeys(one, path, source));
  }
  for (const [key, one] of Object.entries(own)) result[key] = withMergeKeys(one, [...path, key], source);
  return result;
}

/** Puts variables into every text, at every depth; keys stay as they are. */
export function withVariables(value: unknown, variables: Variables, path: Path, source: Source): unknown {
  if (Array.isArray(value)) return value.map((one, i) => withVariables(one, variables, [...path, i], source));
  if (isMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withVariables(one, variables, [...path, key], source)]));
  }
  if (typeof value !== 'string') return value;
  try {
    const { text, unset } = interpolate(value, variables);
    for (const name of unset) source.note(path, `the variable ${name} is not set, so it is empty here`);
    return text;
  } catch (error) {
    if (error instanceof InterpolationError) source.fail(path, error.message);
    throw error;
  }
}

/** Those keys of a service that `extends` replaces whole, where others are added to. */
const replaced = ['command', 'entrypoint'];
/** Those that are a map or a list of `NAME=value`, and are added to by name. */
const pairs = ['environment', 'labels', 'sysctls', 'annotations', 'extra_hosts'];

/** A service with what it takes by `extends` from another of the same file. */
export function extended(services: Data, name: string, source: Source, chain: readonly string[] = []): Data {
  const path = ['services', name];
  const own = mapOf(services[name], path, source);
  if (own.extends === undefined || own.extends === null) return own;
  const how = typeof own.extends === 'string' ? { service: own.extends } : mapOf(own.extends, [...path, 'extends'], source);
  if ((how as Data).file !== undefined) {
    source.fail([...path, 'extends'], 'of another file is not read: give one whole file, such as `docker compose config` writes');
  }
  const base = (how as Data).service;
  if (typeof base !== 'string' || !Object.hasOwn(services, base)) source.fail([...path, 'extends'], 'must name a service of this file');
  if ([...chain, name].includes(base)) source.fail([...path, 'extends'], 'goes round in a circle');
  const { extends: _extends, ...rest } = own;
  return joined(extended(services, base, source, [...chain, name]), rest);
}

function joined(base: Data, own: Data): Data {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const old = base[key];
    if (replaced.includes(key)) result[key] = value;
    else if (pairs.includes(key) && isPairs(old) && isPairs(value)) result[key] = { ...asMap(old), ...asMap(value) };
    else if (isMap(old) && isMap(value)) result[key] = joined(old, value);
    else if (Array.isArray(old) && Array.isArray(value)) result[key] = [...old, ...value.filter((one) => !old.includes(one))];
    else result[key] = value;
  }
  return result;
}

function asMap(value: unknown): Data {
  if (!Array.isArray(value)) return isMap(value) ? value : {};
  const entries = value.map(String).map((one) => [one.split('=')[0] ?? '', one.includes('=') ? one.slice(one.indexOf('=') + 1) : null]);
  return Object.fromEntries(entries) as Data;
}

function isPairs(value: unknown): boolean {
  return Array.isArray(value) || isMap(value);
}
