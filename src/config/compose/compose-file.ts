import { basename, dirname, resolve } from 'node:path';
import { InvalidError } from '../../domain/errors.ts';
import { readText } from '../read-text.ts';
import { readYaml, type YamlDocument } from '../yaml/yaml.ts';
import { readDotEnv } from './dot-env.ts';
import { InterpolationError, type Variables } from './interpolate.ts';
import { extended, withMergeKeys, withVariables } from './merge.ts';
import { refuseLostNamespaces } from './namespaces.ts';
import { type ComposeService, serviceOf } from './service.ts';
import { type Data, isMap, listOf, mapOf, openSource, type Path, type Source } from './source.ts';

export interface ComposeFile {
  /** As it was given. */
  readonly file: string;
  readonly project: string;
  readonly services: readonly ComposeService[];
  /** What was read otherwise than written, or not at all: a sentence each, with its place. */
  readonly notes: readonly string[];
}

/**
 * A Compose file, read alone and without any client: merge keys, anchors, variables from `environment` and the `.env` beside it, `env_file`, and
 * `extends` within the file. Nothing is asked of an engine.
 *
 * @throws InvalidError `unreadable` or `bad_compose`, with file and line; never a value, which may be a secret.
 */
export function readComposeFile(
  shown: string,
  { cwd, environment }: { readonly cwd: string; readonly environment: Variables },
): ComposeFile {
  const path = resolve(cwd, shown);
  const document = documentOf(path, shown);
  const folder = dirname(path);
  const source = openSource(shown, { folder, home: environment.HOME ?? folder }, document);
  const variables: Variables = { ...beside(folder), ...defined(environment) };
  const top = mapOf(wholeOf(document.data, variables, source), [], source);
  if (top.include !== undefined) {
    source.fail(['include'], 'is not read: give one whole file, such as `docker compose config` writes');
  }
  const all = mapOf(top.services, ['services'], source);
  const project = projectOf(top.name, folder, variables, source);
  const profiles = (variables.COMPOSE_PROFILES ?? '').split(',').map((one) => one.trim());
  const services = Object.keys(all)
    .map((name) => ({ name, service: extended(all, name, source) }))
    .filter(({ name, service }) => {
      const own = listOf(service.profiles, ['services', name, 'profiles'], source).map(String);
      if (own.length === 0 || profiles.includes('*') || own.some((profile) => profiles.includes(profile))) return true;
      source.note(['services', name], `is left out: its profile (${own.join(', ')}) is not in COMPOSE_PROFILES`);
      return false;
    })
    .map(({ name, service }) => serviceOf(name, service, { project, top, variables, envFile: envFile(variables, source) }, source));
  refuseLostNamespaces(services, source);
  if (services.length === 0) source.fail(['services'], 'has no service to test');
  return { file: shown, project, services, notes: source.notes };
}

/** Where each service of a Compose file begins, for one that need not be complete here: null when it cannot be read. */
export function serviceLines(path: string): Readonly<Record<string, number>> | null {
  const read = readText(path, path);
  if (!read.ok) return null;
  const [document] = readYaml(read.text, path).documents;
  if (document === undefined || !isMap(document.data) || !isMap(document.data.services)) return null;
  return Object.fromEntries(Object.keys(document.data.services).map((name) => [name, document.place(['services', name], 'key').line]));
}

function documentOf(path: string, shown: string): YamlDocument {
  const read = readText(path, shown);
  if (!read.ok) throw new InvalidError('unreadable', read.problem.message, { hint: 'give the path of a Compose file' });
  const { documents, problems } = readYaml(read.text, shown);
  const [document] = documents;
  const wrong = [...problems, ...documents.flatMap((one) => one.problems)];
  if (wrong.length > 0 || document === undefined) throw new InvalidError('bad_compose', wrong.map((one) => one.message).join('\n'));
  if (documents.length > 1)
    throw new InvalidError('bad_compose', `${shown}:${documents[1]?.line} has a second document; a Compose file is one`);
  return document;
}

/** The sections in which Compose looks for variables. */
const withinVariables = ['name', 'services', 'networks', 'volumes', 'secrets', 'configs', 'include'];

function wholeOf(data: unknown, variables: Variables, source: Source): unknown {
  const merged = mapOf(withMergeKeys(data, [], source), [], source);
  return Object.fromEntries(
    Object.entries(merged).map(([key, value]) => [
      key,
      withinVariables.includes(key) ? withVariables(value, variables, [key], source) : value,
    ]),
  );
}

function beside(folder: string): Record<string, string> {
  const text = textIfAny(resolve(folder, '.env'));
  if (text === null) return {};
  try {
    return readDotEnv(text, {});
  } catch (error) {
    if (error instanceof InterpolationError) throw new InvalidError('bad_compose', `.env beside the Compose file: ${error.message}`);
    throw error;
  }
}

function envFile(variables: Variables, source: Source) {
  return (path: string, at: Path): Record<string, string> | null => {
    const text = textIfAny(resolve(source.folder, path));
    if (text === null) return null;
    try {
      return readDotEnv(text, variables);
    } catch (error) {
      if (error instanceof InterpolationError) return source.fail(at, `${path}: ${error.message}`);
      throw error;
    }
  };
}

function textIfAny(path: string): string | null {
  const read = readText(path, path);
  if (read.ok) return read.text;
  if (read.missing) return null;
  throw new InvalidError('unreadable', read.problem.message);
}

/** Compose's order: the environment (or `.env`), `name`, the folder. */
function projectOf(name: unknown, folder: string, variables: Variables, source: Source): string {
  const given = variables.COMPOSE_PROJECT_NAME || (typeof name === 'string' && name !== '' ? name : null);
  if (given !== null)
    return /^[a-z0-9][a-z0-9_-]*$/.test(given)
      ? given
      : source.fail(['name'], 'must be of a-z, 0-9, - and _, and begin with a letter or digit');
  const made = basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
  return made === '' ? 'default' : made;
}

function defined(variables: Variables): Data & Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined)) as Record<string, string>;
}
