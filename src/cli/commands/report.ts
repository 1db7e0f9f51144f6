import { relative, resolve } from 'node:path';
import { type ExitCode, exitCodes } from '../../domain/errors.ts';
import { formatsOf, reportFiles } from '../../report/formats.ts';
import { shelve, writeReport } from '../../report/library.ts';
import { makeReport } from '../../report/make.ts';
import { scopeOf } from '../../report/scope.ts';
import type { App } from '../app.ts';
import { reportDeps, reportLibrary } from '../report-deps.ts';

export interface ReportFlags {
  readonly since?: string;
  readonly from?: string;
  readonly until?: string;
  readonly service?: string;
  readonly out?: string;
  readonly format: string;
}

const names = { run: 'RUN', since: '--since', from: '--from', until: '--until', service: '--service' } as const;

/** `pitwall report [RUN]`: a report on a run, or on some days; asks no engine. Prints where its files are. */
export async function reportCommand(run: string | undefined, flags: ReportFlags, app: App): Promise<ExitCode> {
  const { out, clock, cwd } = app;
  const now = clock.now();
  const scope = scopeOf({ ...flags, run }, now, names);
  const wanted = formatsOf(flags.format, '--format');
  const { drills, problems } = app.catalogue();
  for (const problem of problems) out.warn(`${problem.message}; its schedule counts for nothing here`);
  const made = makeReport(
    scope,
    wanted,
    now,
    reportDeps(await app.store(), () => drills, app),
  );
  const library = reportLibrary(app);
  const folder = flags.out === undefined ? resolve(library, shelve(library, made)) : resolve(cwd, flags.out);
  if (flags.out !== undefined) writeReport(folder, made);
  const files = [...made.files.keys()].map((name) => ({ path: resolve(folder, name), mediaType: reportFiles[name] }));
  out.data({ id: made.report.id, title: made.report.title, folder, files });
  for (const sentence of made.report.inShort) out.line(sentence);
  out.line();
  // what is below is named as one would type it
  for (const { path } of files) out.line(flags.out === undefined ? path : relative(cwd, path));
  return exitCodes.ok;
}
