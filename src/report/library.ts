import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FailedError, RefusedError } from '../domain/errors.ts';
import { type ReportFile, reportFiles } from './formats.ts';
import type { Made } from './make.ts';
import { reportSchema } from './schema.ts';
import { reportIdPattern } from './scope.ts';

/** A report that lies in the library. */
export interface ReportEntry {
  readonly id: string;
  /** Null where its JSON was not written. */
  readonly title: string | null;
  /** UTC, ISO 8601. */
  readonly at: string | null;
  readonly files: readonly ReportFile[];
}

/** Nobody reads more; whoever makes them by a script would fill the disk. */
const mostKept = 1_000;

/** Writes into a folder of the report's own below `library`; gives that folder's name, which is the report's id, or the id with a number. */
export function shelve(library: string, made: Made): string {
  mkdirSync(library, { recursive: true, mode: 0o700 });
  if (namesIn(library).length >= mostKept)
    throw new RefusedError('reports_full', `${library} has ${mostKept} reports, and no more are kept`, {
      hint: 'remove some of its folders',
    });
  for (let n = 1; ; n++) {
    const id = n === 1 ? made.report.id : `${made.report.id}-${n}`;
    try {
      mkdirSync(join(library, id), { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && n < 100) continue;
      throw unwritable(join(library, id), error);
    }
    writeReport(join(library, id), made);
    return id;
  }
}

/** Whole files or none: one of the same name is replaced, nothing else is touched. */
export function writeReport(folder: string, { files }: Made): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
  for (const [name, text] of files) {
    const path = join(folder, name);
    const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
    try {
      writeFileSync(temporary, text, { flag: 'wx' });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw unwritable(path, error);
    }
  }
}

/** Newest first. */
export function listReports(library: string): ReportEntry[] {
  return namesIn(library)
    .map((id) => entryOf(library, id))
    .filter(({ files }) => files.length > 0)
    .sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : (a.at ?? '') > (b.at ?? '') ? -1 : a.id < b.id ? -1 : 1));
}

/** Null when there is no such report, or it has not that file. */
export function readReport(library: string, id: string, file: ReportFile): string | null {
  if (!reportIdPattern.test(id)) return null;
  try {
    return readFileSync(join(library, id, file), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

function namesIn(library: string): string[] {
  try {
    return readdirSync(library, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && reportIdPattern.test(entry.name))
      .map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const heading = reportSchema.pick({ title: true, at: true }).loose();

function entryOf(library: string, id: string): ReportEntry {
  const there = readdirSync(join(library, id));
  const files = (Object.keys(reportFiles) as ReportFile[]).filter((name) => there.includes(name));
  const read = files.includes('report.json') ? heading.safeParse(parsed(readReport(library, id, 'report.json'))).data : undefined;
  return { id, title: read?.title ?? null, at: read?.at ?? null, files };
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

function unwritable(path: string, error: unknown): FailedError {
  return new FailedError('output', `${path} could not be written: ${(error as Error).message}`, { cause: error });
}
