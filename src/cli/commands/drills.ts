import { type ExitCode, exitCodes } from '../../domain/errors.ts';
import { nextRuns } from '../../scheduler/next-runs.ts';
import type { App } from '../app.ts';
import { utcTime, verdictText } from '../view/record.ts';

const shownRuns = 3;

/** `pitwall drills`: the catalogue, when each runs next, and what came of it last. A broken file is said; the others are listed. */
export async function drillsCommand(app: App): Promise<ExitCode> {
  const { out, clock } = app;
  const { drills, problems } = app.catalogue();
  const last = (await app.store()).runs.lastByDrill();
  const rows = drills.map((drill) => ({ drill, next: nextRuns(drill, clock.now(), shownRuns), last: last.get(drill.name) ?? null }));
  out.data({
    drills: rows.map(({ drill, next, last: run }) => ({
      name: drill.name,
      kind: drill.kind,
      description: drill.description,
      schedule: drill.schedule,
      environments: drill.environments,
      file: drill.source.file,
      nextRuns: next,
      lastRun: run,
    })),
    problems,
  });
  for (const problem of problems) out.warn(problem.message);
  if (rows.length === 0) out.line(`no drills in ${app.config().drills.join(', ')}`);
  else {
    out.table(
      ['DRILL', 'KIND', 'SCHEDULE', 'NEXT RUN', 'LAST', 'WHEN'],
      rows.map(({ drill, next, last: run }) => [
        drill.name,
        drill.kind,
        drill.schedule === null ? 'on demand' : `${drill.schedule.cron} ${drill.schedule.timezone}`,
        next.length === 0 ? '-' : next.map((one) => `${one.local}${one.note ? ` (${one.note})` : ''}`).join(out.terminal ? '\n' : ', '),
        run === null ? '-' : verdictText(out, run.verdict),
        run === null ? 'never' : utcTime(run.startedAt),
      ]),
    );
  }
  return problems.length > 0 ? exitCodes.usage : exitCodes.ok;
}
