import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { InvalidError } from '../domain/errors.ts';
import type { Disposition, MemoryMode } from '../domain/evidence.ts';
import type { HookFormat, NoticeType } from '../domain/notice.ts';
import type { Priority } from '../domain/priority.ts';
import { Secret } from '../domain/secret.ts';
import type { DrillKindName } from '../domain/words.ts';
import { configSchema, type RawConfig } from './config-schema.ts';
import { displayPath } from './display-path.ts';
import { override, settings } from './environment.ts';
import { explain } from './explain.ts';
import type { SecretRef } from './fields.ts';
import { chooseHome } from './home.ts';
import { type Problem, problem } from './problem.ts';
import { readText } from './read-text.ts';
import { readYaml, type YamlDocument } from './yaml/yaml.ts';
import { zodProblems } from './zod-problems.ts';

/** `pitwall.yaml` and the environment, read and checked; every path is absolute, every duration in ms. */
export interface Config {
  /** The file that was read; null when there is none. */
  readonly file: string | null;
  /** Folder of Pitwall's own state: the token, and what has no path of its own. */
  readonly home: string;
  readonly engines: readonly EngineEntry[];
  readonly optIn: readonly OptInRule[];
  /** Folders. */
  readonly drills: readonly string[];
  readonly api: { readonly host: string; readonly port: number; readonly allowedHosts: readonly string[] };
  readonly store: { readonly path: string };
  readonly evidence: { readonly path: string };
  readonly registry: RegistryConfig | null;
  readonly policy: { readonly production: readonly DrillKindName[]; readonly freeze: readonly FreezeRule[] };
  readonly helper: { readonly image: string | null };
  readonly retention: {
    readonly runs: { readonly maxAgeMs: number; readonly maxCount: number };
    readonly notices: { readonly maxAgeMs: number };
  };
  readonly notify: readonly HookConfig[];
  /** How long `serve` may take to stop. */
  readonly stop: { readonly withinMs: number };
}

/** Where notices go. */
export interface HookConfig {
  readonly name: string;
  readonly url: Secret | SecretRef;
  readonly format: HookFormat;
  readonly secret: SecretRef | null;
  readonly on: readonly NoticeType[];
  readonly allow: { readonly private: boolean; readonly ranges: readonly string[] };
}

export interface EngineEntry {
  readonly name: string;
  readonly host: string;
  readonly environment: string;
  /** The daemon's ID that it is pinned to. */
  readonly id?: string | undefined;
  readonly tls?: { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined } | undefined;
  readonly insecure?: boolean | undefined;
}

/** Keys are ANDed, values of one key ORed, but for labels, of which all must be there. Null: says nothing. */
export interface OptInRule {
  readonly compose: string | null;
  readonly services: readonly string[] | null;
  readonly names: readonly string[] | null;
  readonly images: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly engines: readonly string[] | null;
  readonly kinds: 'all' | readonly DrillKindName[];
}

export interface RegistryConfig {
  readonly url: string;
  readonly repository: string;
  readonly credentials: SecretRef | null;
  readonly insecure: boolean;
}

/** What an alert may have frozen. */
export interface FreezeRule {
  readonly rule: string;
  readonly maxPerHour: number;
  /** At least as urgent; null: any. */
  readonly priority: Priority | null;
  /** All of them, on the container. */
  readonly labels: Readonly<Record<string, string>>;
  readonly disposition: Disposition;
  readonly memory: MemoryMode;
  readonly leaseMs: number;
}

export interface ConfigSources {
  /** `--config`. */
  readonly path?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `pitwall.yaml` is looked for, and what a relative `--config` is relative to. Nothing else is. */
  readonly cwd: string;
  /** The user's home folder. */
  readonly home: string;
  /** Folder of the catalogue that comes with Pitwall. */
  readonly builtinDrills: string;
}

/** Throws `InvalidError` (`bad_configuration`) whose message has a line for each problem, and `context.problems` the same as data. */
export function loadConfig(sources: ConfigSources): Config {
  const { env, cwd } = sources;
  const file = chooseFile(sources);
  const read = file === null ? noFile : readFile(file, displayPath(file, cwd));
  const schema = configSchema();
  const merged = override(read.data ?? {}, settings(schema), env);
  const result = schema.safeParse(merged.data, { error: explain });
  const problems = [...read.problems, ...merged.problems];
  // A file that could not be read says nothing about its values.
  if (!result.success && read.problems.length === 0) {
    for (const issue of result.error.issues) {
      const variable = merged.variableAt(issue.path);
      const origin =
        variable === null ? { file: read.shown, place: read.place } : { file: variable, place: () => ({ line: 0, column: 0 }) };
      problems.push(...zodProblems([issue], { ...origin, data: merged.data }));
    }
  }
  if (problems.length > 0 || !result.success) {
    problems.sort((a, b) => a.line - b.line || a.column - b.column);
    throw new InvalidError('bad_configuration', problems.map((one) => one.message).join('\n'), { context: { problems } });
  }
  return complete(result.data, file, sources);
}

/** The rules that hold on an engine. None on production, nor where the environment is not known: there only labels opt in. */
export function optInRules(
  config: Pick<Config, 'optIn'>,
  engine: { readonly name: string; readonly environment: string | null },
): readonly OptInRule[] {
  if (engine.environment === null || engine.environment === 'production') return [];
  return config.optIn.filter((rule) => rule.engines === null || rule.engines.includes(engine.name));
}

function chooseFile({ path, env, cwd }: ConfigSources): string | null {
  const named = path ?? (env.PITWALL_CONFIG || undefined);
  if (named !== undefined) {
    const file = resolve(cwd, named);
    if (existsSync(file)) return file;
    throw new InvalidError('bad_configuration', `the configuration file ${named} does not exist`, {
      hint: path === undefined ? 'PITWALL_CONFIG names it' : 'leave --config out to go without one',
      context: { file },
    });
  }
  const here = join(cwd, 'pitwall.yaml');
  return existsSync(here) ? here : null;
}

interface ReadConfig extends Pick<YamlDocument, 'data' | 'problems' | 'place'> {
  readonly shown: string;
}

const noFile: ReadConfig = { data: undefined, problems: [], shown: 'configuration', place: () => ({ line: 0, column: 0 }) };

function readFile(file: string, shown: string): ReadConfig {
  const text = readText(file, shown);
  if (!text.ok) return { ...noFile, shown, problems: [text.problem] };
  const { documents, problems } = readYaml(text.text, shown);
  const [first, second] = documents;
  if (second) {
    const expected = 'the configuration is one YAML document; a second one begins here';
    return { ...noFile, shown, problems: [problem({ code: 'bad_yaml', file: shown, place: { line: second.line, column: 1 }, expected })] };
  }
  // An empty file says: all by default.
  if (!first) return { ...noFile, shown, problems: problems.filter((one: Problem) => one.code !== 'empty_file') };
  return { data: first.data, problems: first.problems, place: first.place, shown };
}

function complete(raw: RawConfig, file: string | null, sources: ConfigSources): Config {
  const home = chooseHome(file, sources);
  const written = file === null ? home : dirname(file);
  const at = (path: string) => absolute(path, written, sources.home);
  const own = (path: string | undefined, byDefault: string) => (path === undefined ? join(home, byDefault) : at(path));
  const beside = file === null ? null : join(dirname(file), 'drills');
  return {
    file,
    home,
    engines: raw.engines.map(({ tls, ...engine }) => (tls ? { ...engine, tls: mapValues(tls, at) } : engine)),
    optIn: raw.optIn.map((rule) => ({
      compose: rule.compose ?? null,
      services: rule.services ?? null,
      names: rule.names ?? null,
      images: rule.images ?? null,
      labels: rule.labels ?? {},
      engines: rule.engines ?? null,
      kinds: rule.kinds,
    })),
    drills: raw.drills?.map(at) ?? [beside !== null && existsSync(beside) ? beside : sources.builtinDrills],
    api: raw.api,
    store: { path: own(raw.store.path, 'pitwall.db') },
    evidence: { path: own(raw.evidence.path, 'evidence') },
    registry: raw.registry ? { ...raw.registry, credentials: atFile(raw.registry.credentials ?? null, at) } : null,
    policy: {
      production: raw.policy.production,
      freeze: raw.policy.freeze.map(({ lease, priority, ...rule }) => ({ ...rule, priority: priority ?? null, leaseMs: lease })),
    },
    helper: { image: raw.helper.image ?? null },
    retention: {
      runs: { maxAgeMs: raw.retention.runs.maxAge, maxCount: raw.retention.runs.maxCount },
      notices: { maxAgeMs: raw.retention.notices.maxAge },
    },
    notify: raw.notify.map(({ name, url, format, secret, on, allowPrivate }) => ({
      name,
      url: typeof url === 'string' ? new Secret(url) : (atFile(url, at) ?? url),
      format,
      secret: atFile(secret ?? null, at),
      on,
      allow: { private: allowPrivate === true, ranges: typeof allowPrivate === 'boolean' ? [] : allowPrivate },
    })),
    stop: { withinMs: raw.stop.within },
  };
}

function absolute(path: string, base: string, userHome: string): string {
  if (path === '~' || path.startsWith('~/')) return join(userHome, path.slice(1));
  return isAbsolute(path) ? path : resolve(base, path);
}

function atFile(ref: SecretRef | null, at: (path: string) => string): SecretRef | null {
  return ref !== null && 'file' in ref ? { file: at(ref.file) } : ref;
}

function mapValues<K extends string>(
  map: Readonly<Partial<Record<K, string | undefined>>>,
  change: (value: string) => string,
): Partial<Record<K, string>> {
  const entries = Object.entries<string | undefined>(map).flatMap(([key, value]) => (value === undefined ? [] : [[key, change(value)]]));
  return Object.fromEntries(entries) as Partial<Record<K, string>>;
}
