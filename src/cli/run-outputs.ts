import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Drill } from '../domain/drill.ts';
import { FailedError, InvalidError } from '../domain/errors.ts';
import type { RunRecord } from '../domain/words.ts';
import { type Changes, changesSince } from '../report/changes.ts';
import { junitXml, type Reported } from '../report/junit.ts';
import { sarifLog } from '../report/sarif.ts';
import type { RunOutcome } from '../runner/run.ts';
import type { App } from './app.ts';
import type { GivenTargets } from './given.ts';
import { type Places, placesOf, repositoryRoot } from './result-places.ts';
import { ruleText } from './rule-text.ts';

export interface OutputFlags {
  readonly junit?: string;
  readonly sarif?: string;
  readonly baseline?: string;
}

/** What becomes of a command's runs beside what is printed: files, and the comparison with an earlier run. */
export interface RunOutputs {
  /** Since the baseline; null without one, and for a run that is not of its drill. */
  changes(record: RunRecord): Changes | null;
  /** Undefined without a baseline: then all findings count. */
  readonly counting: ((record: RunRecord) => RunRecord['findings']) | undefined;
  /** All runs in one file each. Throws `FailedError` `output` when one cannot be written after all. */
  write(outcomes: readonly Pick<RunOutcome, 'record' | 'exitCode'>[]): Promise<void>;
}

/** @throws InvalidError when a file could not be written, or there is no such baseline: before any run begins. */
export async function runOutputs(
  flags: OutputFlags,
  { drills, given }: { readonly drills: readonly Drill[]; readonly given: GivenTargets | undefined },
  app: App,
): Promise<RunOutputs> {
  const files = { junit: target('--junit', flags.junit, app.cwd), sarif: target('--sarif', flags.sarif, app.cwd) };
  if (files.junit !== null && files.junit === files.sarif) throw new InvalidError('usage', '--junit and --sarif name the same file');
  refuseOwn(files, { drills, given }, app);
  const baseline =
    flags.baseline === undefined ? null : baselineOf(flags.baseline, drills, (await app.store()).runs.record(flags.baseline));
  // the same objects for the same record: a change is asked for by the finding itself
  const known = new Map<RunRecord, Changes>();
  const changes = (record: RunRecord) => {
    if (baseline === null || record.drill !== baseline.drill) return null;
    const found = known.get(record) ?? changesSince(baseline, record);
    known.set(record, found);
    return found;
  };
  return {
    changes,
    counting:
      baseline === null
        ? undefined
        : (record) => record.findings.filter((finding) => (changes(record)?.of(finding) ?? 'new') !== 'unchanged'),
    async write(outcomes) {
      const reported: readonly Reported[] = outcomes.map(({ record, exitCode }) => ({ record, exitCode, changes: changes(record) }));
      const records = outcomes.map(({ record }) => record);
      if (files.junit !== null) put(files.junit, junitXml(reported));
      if (files.sarif === null) return;
      const root = repositoryRoot(app.cwd);
      const places: Places = await placesOf(records, { drills, given, app });
      const log = sarifLog(reported, {
        version: app.version,
        rule: ruleText,
        place: (record, finding) => {
          const { path, line } = places(record, finding);
          return { path: inRepository(path, root), line };
        },
      });
      put(files.sarif, `${JSON.stringify(log, null, 2)}\n`);
    },
  };
}

function baselineOf(id: string, drills: readonly Drill[], record: RunRecord | null): RunRecord {
  if (record === null) throw new InvalidError('unknown_run', `--baseline: there is no run ${id}`, { hint: 'pitwall runs' });
  if (!drills.some((drill) => drill.name === record.drill)) {
    throw new InvalidError(
      'usage',
      `--baseline: run ${id} was of the drill ${record.drill ?? 'none'}, not of ${drills.map(({ name }) => name).join(', ')}`,
    );
  }
  if (record.endedAt === null) throw new InvalidError('usage', `--baseline: run ${id} has not ended`);
  return record;
}

function target(flag: string, file: string | undefined, cwd: string): string | null {
  if (file === undefined) return null;
  const path = resolve(cwd, file);
  const refuse = (why: string) =>
    new InvalidError('unwritable', `${flag} ${file}: ${why}`, { hint: 'make the folder first, or name another' });
  const folder = dirname(path);
  try {
    if (!statSync(folder).isDirectory()) throw refuse(`${folder} is no folder`);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof InvalidError) throw error;
    throw refuse(
      (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? `the folder ${folder} does not exist`
        : `the folder ${folder} cannot be written to`,
    );
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw refuse('it is a folder');
  return path;
}

/** A report in the place of what the run reads or writes besides would cost more than the report is worth. */
function refuseOwn(
  files: Readonly<Record<'junit' | 'sarif', string | null>>,
  { drills, given }: { readonly drills: readonly Drill[]; readonly given: GivenTargets | undefined },
  app: App,
): void {
  const { store, file, home } = app.config();
  const compose = given?.compose?.path;
  const own = new Map<string, string>([
    ...['', '-wal', '-shm', '-journal'].map((end) => [real(`${store.path}${end}`), 'Pitwall’s database'] as const),
    ...drills.map(({ source }) => [real(resolve(app.cwd, source.file)), 'the drill file'] as const),
    [real(resolve(home, 'token')), 'the token of serve'],
    ...(file === null ? [] : [[real(resolve(app.cwd, file)), 'the configuration'] as const]),
    ...(compose === undefined
      ? []
      : [[real(compose), 'the Compose file'] as const, [real(resolve(dirname(compose), '.env')), 'the environment of Compose'] as const]),
  ]);
  for (const [flag, path] of Object.entries(files)) {
    const what = path === null ? undefined : own.get(real(path));
    if (what !== undefined) throw new InvalidError('unwritable', `--${flag} ${path}: it is ${what}`, { hint: 'name another file' });
  }
}

/** As the file system has it, also of a file that is not there yet. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return existsSync(dirname(path)) ? join(realpathSync(dirname(path)), basename(path)) : path;
  }
}

/** Whole or not at all: whoever waits for the file never reads half of it. */
function put(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new FailedError('output', `${path} could not be written: ${(error as Error).message}`, { cause: error });
  }
}

/** A reader of the log knows paths of the repository only; a file from elsewhere is named without its folder. */
function inRepository(path: string, root: string): string {
  const inside = relative(root, path);
  return inside === '' || inside.startsWith('..') || resolve(root, inside) !== path ? basename(path) : inside.split(sep).join('/');
}
