import { basename, dirname, relative, resolve, sep } from 'node:path';
import type { Drill } from '../domain/drill.ts';
import { InvalidError } from '../domain/errors.ts';
import type { RunRecord } from '../domain/words.ts';
import { type Changes, changesSince } from '../report/pipeline/changes.ts';
import { junitXml, type Reported } from '../report/pipeline/junit.ts';
import { sarifLog } from '../report/pipeline/sarif.ts';
import type { RunOutcome } from '../runner/run/options.ts';
import type { App } from './app.ts';
import type { GivenTargets } from './given.ts';
import { outputPath, refuseOwn, writeWhole } from './output-file.ts';
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
  refuseOwn(files, read({ drills, given }, app), app);
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
      if (files.junit !== null) writeWhole(files.junit, junitXml(reported));
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
      writeWhole(files.sarif, `${JSON.stringify(log, null, 2)}\n`);
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
  return file === undefined ? null : outputPath(flag, file, cwd);
}

/** What a command reads besides. */
function read({ drills, given }: { readonly drills: readonly Drill[]; readonly given: GivenTargets | undefined }, { cwd }: App) {
  const compose = given?.compose?.path;
  return [
    ...drills.map(({ source }) => [resolve(cwd, source.file), 'the drill file'] as const),
    ...(compose === undefined
      ? []
      : [[compose, 'the Compose file'] as const, [resolve(dirname(compose), '.env'), 'the environment of Compose'] as const]),
  ];
}

/** A reader of the log knows paths of the repository only; a file from elsewhere is named without its folder. */
function inRepository(path: string, root: string): string {
  const inside = relative(root, path);
  return inside === '' || inside.startsWith('..') || resolve(root, inside) !== path ? basename(path) : inside.split(sep).join('/');
}
