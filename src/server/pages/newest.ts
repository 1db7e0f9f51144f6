import type { DrillKindName, RunSummary } from '../../domain/words.ts';
import type { ServerDeps } from '../deps.ts';

export interface NewestOf<T> {
  readonly run: RunSummary;
  readonly since: RunSummary | null;
  readonly content: T;
}

/** So far back a run that recorded something is looked for. */
const lookBack = 20;

/**
 * Of each drill of the kind, and each engine that it ran on lately, the newest run that recorded it; drills that are no more in the
 * catalogue included. `waiting`: drills of the catalogue that have none.
 */
export function newestOf<T>(
  kind: DrillKindName,
  { store, catalogue }: Pick<ServerDeps, 'store' | 'catalogue'>,
  read: (runId: string) => T | null,
): { readonly all: readonly NewestOf<T>[]; readonly waiting: readonly string[] } {
  const catalogued = catalogue()
    .drills.filter((drill) => drill.kind === kind)
    .map(({ name }) => name);
  const ran = [...store.runs.lastByDrill().values()].filter((run) => run.kind === kind).flatMap(({ drill }) => drill ?? []);
  const drills = [...new Set([...catalogued, ...ran])].toSorted();
  const all = drills.flatMap((drill) => ofDrill(store.runs.list({ drill, limit: lookBack }), read));
  const waiting = catalogued.filter((name) => !all.some(({ run }) => run.drill === name)).toSorted();
  return { all, waiting };
}

function ofDrill<T>(runs: readonly RunSummary[], read: (runId: string) => T | null): NewestOf<T>[] {
  const engines = [...new Set(runs.map(({ engine }) => engine.name))];
  return engines.flatMap((name) => {
    const own = runs.filter(({ engine }) => engine.name === name);
    for (const run of own) {
      const content = read(run.id);
      if (content !== null) return [{ run, since: own[0] === run ? null : (own[0] ?? null), content }];
    }
    return [];
  });
}

/** Which of them a reader has asked for: one by `?run=`, otherwise all while they are few, and else what is worst. */
export function chosen<T extends { readonly run: RunSummary; readonly bad: boolean }>(all: readonly T[], run: unknown): ReadonlySet<T> {
  const asked = all.filter((one) => one.run.id === run);
  if (asked.length > 0) return new Set(asked);
  if (all.length <= mostShown) return new Set(all);
  return new Set([all.find(({ bad }) => bad) ?? all[0]].filter((one) => one !== undefined));
}

const mostShown = 3;
