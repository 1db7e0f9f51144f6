import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import type { Engine } from '../../src/domain/engine.ts';
import { EngineError } from '../../src/domain/errors.ts';

/** A value that must not be seen, and what to call it. */
export interface Hidden {
  readonly what: string;
  readonly value: string;
}

export interface LookedAt {
  /** Pitwall's home: its database with the write-ahead log, logs, reports, artifacts, evidence. */
  readonly home?: string | undefined;
  /** What commands printed so far. */
  readonly printed?: (() => Readonly<Record<string, string>>) | undefined;
  /** Containers of Pitwall, whatever state they are in: what `docker inspect` says of them, and their logs. */
  readonly engine?: Engine | undefined;
  /** Arguments and environments of all processes that this user may read. */
  readonly processes?: boolean | undefined;
}

/**
 * Where values are at this moment: `old: FILE of the home`, `new: arguments of node`, … sorted, each once, never a value. Found as they are, URL-encoded, in
 * JSON and in base64; in files that gzip made, too. Fails when there is nothing to look at, or nothing to look for.
 */
export async function whereIsItAt(values: readonly Hidden[], at: LookedAt): Promise<string[]> {
  const { home, printed, engine, processes } = at;
  if (home === undefined && printed === undefined && engine === undefined && processes !== true) throw new Error('nothing to look at');
  const look = looker(values);
  return sorted([
    ...(home === undefined ? [] : [...inHome(home, look), ...inDatabases(home, look)]),
    ...Object.entries(printed?.() ?? {}).flatMap(([name, text]) => look(`what ${name} printed`, text)),
    ...(processes === true ? inProcesses(look) : []),
    ...(engine === undefined ? [] : await inContainers(engine, look)),
  ]);
}

export interface HygieneWatch {
  /** Looks once more, at everything, and says all that was ever seen; `looks` is how often the processes were looked at. */
  stop(): Promise<{ readonly places: readonly string[]; readonly looks: number }>;
}

/**
 * Looks again and again while a run goes on: at processes as often as it can, at containers and the home less often, and at the engine's events, which
 * have the arguments of every `exec`. `values` is asked each time: what a run makes is not known before.
 */
export function watchFor(values: () => readonly Hidden[], at: LookedAt): HygieneWatch {
  const seen = new Set<string>();
  const events: string[] = [];
  const end = new AbortController();
  let looks = 0;
  const note = (places: readonly string[]) => {
    for (const place of places) seen.add(place);
  };
  const again = async (ms: number, look: (values: readonly Hidden[]) => Promise<string[]> | string[], counted = false) => {
    while (!end.signal.aborted) {
      if (values().length > 0) note(await look(values()));
      if (counted) looks++;
      await sleep(ms, undefined, { signal: end.signal }).catch(() => undefined);
    }
  };
  const { processes, engine, home } = at;
  const loops = [
    ...(processes === true ? [again(processEveryMs, (sought) => inProcesses(looker(sought)), true)] : []),
    ...(engine === undefined
      ? []
      : [again(slowEveryMs, (sought) => inContainers(engine, looker(sought))), listen(engine, events, end.signal)]),
    // not its databases' tables: rows stay
    ...(home === undefined ? [] : [again(slowEveryMs, (sought) => (existsSync(home) ? inHome(home, looker(sought)) : []))]),
  ];
  const done = Promise.allSettled(loops);
  return {
    async stop() {
      // the last events are on their way
      if (engine !== undefined) await sleep(eventsMs);
      end.abort();
      const failed = (await done).find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      note(await whereIsItAt(values(), at));
      const look = looker(values());
      note(events.flatMap((event) => look('an event of the engine', event)));
      return { places: sorted([...seen]), looks };
    },
  };
}

const processEveryMs = 25;
const slowEveryMs = 250;
const eventsMs = 200;

type Look = (place: string, content: string | Buffer) => string[];

function looker(values: readonly Hidden[]): Look {
  if (values.length === 0) throw new Error('nothing to look for');
  const sought = values.map(({ what, value }) => ({ what, forms: formsOf(value) }));
  return (place, content) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return sought.filter(({ forms }) => forms.some((form) => bytes.includes(form))).map(({ what }) => `${what}: ${place}`);
  };
}

function formsOf(value: string): Buffer[] {
  if (value.length < 8) throw new Error('a value of under 8 characters is found anywhere');
  const texts = [
    value,
    encodeURIComponent(value),
    new URLSearchParams({ x: value }).toString().slice(2),
    JSON.stringify(value).slice(1, -1),
  ];
  return [...new Set([...texts, ...base64Of(value)])].map((text) => Buffer.from(text));
}

/** What stands in base64 wherever in a text the value began, less what depends on its neighbours. */
function base64Of(value: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const from = before === 0 ? 0 : 4;
    const to = Math.floor(bytes.length / 3) * 4;
    const core = bytes.toString('base64').slice(from, to);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function inHome(home: string, look: Look): string[] {
  if (!existsSync(home)) throw new Error(`there is no ${home} to look into`);
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const content = contentOf(join(home, name));
    return [...look(`the name of a file of the home`, name), ...(content === null ? [] : look(`${name} of the home`, content))];
  });
}

/** What a database compressed, and what its pages cut in two, is not found in its file. */
function inDatabases(home: string, look: Look): string[] {
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.db'));
  return files.flatMap((name) => {
    const database = new Database(join(home, name), { readonly: true });
    try {
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
      return tables.flatMap((table) =>
        (database.prepare(`SELECT * FROM "${table}"`).raw().all() as unknown[][])
          .flat()
          .filter((cell) => typeof cell === 'string' || Buffer.isBuffer(cell))
          .flatMap((cell) => look(`table ${table} of ${name} of the home`, unpacked(Buffer.from(cell as string)))),
      );
    } finally {
      database.close();
    }
  });
}

/** Null for what is no file, or went away meanwhile. */
function contentOf(path: string): Buffer | null {
  try {
    if (!statSync(path).isFile()) return null;
    return unpacked(readFileSync(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** With what is in it, when it is what gzip made and whole. */
function unpacked(content: Buffer): Buffer {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return Buffer.concat([content, gunzipSync(content)]);
  } catch {
    // it is being written
    return content;
  }
}

/** The looker's own ones too: a test that hands a value to a command by its environment must say so itself. */
function inProcesses(look: Look): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const command = procOf(pid, 'comm').toString().trim();
      const variables = procOf(pid, 'environ').toString('latin1').split('\0');
      return [
        ...look(`arguments of ${command}`, procOf(pid, 'cmdline')),
        ...variables.flatMap((variable) => look(`environment ${variable.split('=')[0]} of ${command}`, Buffer.from(variable, 'latin1'))),
      ];
    });
}

/** Empty for one that has ended, and for another user's. */
function procOf(pid: string, file: string): Buffer {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    return Buffer.alloc(0);
  }
}

async function inContainers(engine: Engine, look: Look): Promise<string[]> {
  const ours = await engine.list({ all: true, labels: ['pitwall.run'] });
  const found = await Promise.all(
    ours.map(async ({ id, labels }) => {
      const role = `a container of role ${labels['pitwall.role'] ?? 'none'}`;
      try {
        const settings = look(`what inspect says of ${role}`, JSON.stringify(await engine.inspect(id)));
        return [...settings, ...look(`the log of ${role}`, await logOf(engine, id))];
      } catch (error) {
        if (error instanceof EngineError && error.code === 'not_found') return [];
        throw error;
      }
    }),
  );
  return found.flat();
}

async function logOf(engine: Engine, id: string): Promise<string> {
  const lines: string[] = [];
  try {
    for await (const { line } of engine.logs(id)) lines.push(line);
  } catch (error) {
    // one that answers in bytes has no log; what it printed nobody has
    if (!(error instanceof EngineError) || error.lost) throw error;
  }
  return lines.join('\n');
}

async function listen(engine: Engine, into: string[], signal: AbortSignal): Promise<void> {
  for await (const event of engine.events({ since: Date.now(), signal })) into.push(JSON.stringify([event.action, event.attributes]));
}

function sorted(places: readonly string[]): string[] {
  return [...new Set(places)].sort();
}
