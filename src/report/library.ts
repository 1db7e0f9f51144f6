import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { FailedError, RefusedError } from '../domain/errors.ts';
import { type ReportFile, reportFiles } from './formats.ts';
import type { Made } from './make.ts';
import { compare } from './order.ts';
import type { Report } from './schema.ts';
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
    writeHeading(join(library, id), made.report, [...made.files.keys()]);
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
  for (const [name, text] of files) writeWhole(join(folder, name), text);
}

function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(path, error);
  }
}

export interface ReportPage {
  /** Newest first. */
  readonly reports: readonly ReportEntry[];
  /** `before` of the next page; null on the last. */
  readonly next: string | null;
}

/** Only those older than the report `before`, which need not be there any more. Opens no more of them than it gives. */
export function listReports(
  library: string,
  { limit, before }: { readonly limit: number; readonly before?: string | undefined },
): ReportPage {
  const older = before === undefined ? () => true : (id: string) => newestFirst(id, before) > 0;
  const found: ReportEntry[] = [];
  for (const id of namesIn(library).filter(older).sort(newestFirst)) {
    const files = filesOf(library, id);
    if (files.length === 0) continue;
    // one more than asked tells whether there is another page
    if (found.length === limit) return { reports: found, next: found.at(-1)?.id ?? null };
    found.push({ id, ...headingOf(library, id, files), files });
  }
  return { reports: found, next: null };
}

/** By the instant in their ids, so that none needs to be opened; ids without one come last. */
function newestFirst(a: string, b: string): number {
  return compare(stampOf(b), stampOf(a)) || compare(a, b);
}

function stampOf(id: string): string {
  return /-(\d{8}-\d{6})(?:-\d{1,3})?$/.exec(id)?.[1] ?? '';
}

/** Null when there is no such report, or it has not that file. */
export function readReport(library: string, id: string, file: ReportFile): string | null {
  return reportIdPattern.test(id) ? textOf(join(library, id, file)) : null;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
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

/** What a list shows of a report, beside its files: a report of 500 services is some megabytes of JSON. */
const headingFile = 'meta.json';
const heading = z.object({ title: z.string(), at: z.iso.datetime() });

function writeHeading(folder: string, { title, at, scope }: Report, formats: readonly ReportFile[]): void {
  writeWhole(join(folder, headingFile), `${JSON.stringify({ title, at, scope, formats })}\n`);
}

/** Of reports that were made before there was such a file, or where it is broken, what their JSON says. */
function headingOf(library: string, id: string, files: readonly ReportFile[]): Pick<ReportEntry, 'title' | 'at'> {
  const own = heading.safeParse(parsed(textOf(join(library, id, headingFile)))).data;
  const read = own ?? (files.includes('report.json') ? heading.safeParse(parsed(readReport(library, id, 'report.json'))).data : undefined);
  return { title: read?.title ?? null, at: read?.at ?? null };
}

function filesOf(library: string, id: string): ReportFile[] {
  const there = readdirSync(join(library, id));
  return (Object.keys(reportFiles) as ReportFile[]).filter((name) => there.includes(name));
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
