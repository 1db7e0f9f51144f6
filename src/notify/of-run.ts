import { exitCodes } from '../domain/errors.ts';
import type { Notice, NoticeType } from '../domain/notice.ts';
import type { RunSummary } from '../domain/words.ts';

/** Null for a run that nobody needs to hear of. One that left residue is told as such; whoever wants its verdict hears of it too. */
export function runNotice(
  run: RunSummary,
  residue: () => readonly string[],
  now: number,
): (Notice & { readonly types: readonly NoticeType[] }) | null {
  const { verdict } = run;
  if (verdict === null) return null;
  const left = run.exitCode === exitCodes.residue ? residue() : [];
  const types: readonly NoticeType[] = [
    ...(run.exitCode === exitCodes.residue ? (['residue'] as const) : []),
    ...(verdict === 'passed' ? [] : [verdict]),
  ];
  const [type] = types;
  if (type === undefined) return null;
  const what = run.drill ?? `${run.kind} on demand`;
  const behind = type === 'residue' ? `; left behind: ${left.join('; ') || 'see the run'}` : '';
  return {
    key: `run ${run.id}`,
    type,
    types,
    at: run.endedAt === null ? now : Date.parse(run.endedAt),
    subject: what,
    message: `${what} on ${run.engine.name}: ${verdict}: ${run.reason}${behind}`,
    data: {
      run: run.id,
      drill: run.drill,
      kind: run.kind,
      verdict,
      engine: run.engine.name,
      environment: run.engine.environment,
      trigger: run.trigger,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      exitCode: run.exitCode,
    },
  };
}
