import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import { drillKinds, type Verdict } from '../../domain/words.ts';
import type { App } from '../app.ts';
import { showCurve } from '../view/curve.ts';
import { showMatrix } from '../view/matrix.ts';
import { eventLine, showRecord, summaryRow } from '../view/record.ts';

export interface RunsFlags {
  readonly limit: string;
  readonly before?: string;
  readonly drill?: string;
  readonly kind?: string;
  readonly verdict?: Verdict;
}

const mostRows = 1_000;

/** `pitwall runs`: newest first. */
export async function runsCommand(flags: RunsFlags, app: App): Promise<ExitCode> {
  const { out } = app;
  const limit = Number(flags.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > mostRows)
    throw new InvalidError('usage', `--limit ${flags.limit}: expected a whole number from 1 to ${mostRows}`);
  if (flags.kind !== undefined && !drillKinds.some((kind) => kind === flags.kind)) {
    throw new InvalidError('usage', `--kind ${flags.kind}: there is no such kind`, { hint: `one of: ${drillKinds.join(', ')}` });
  }
  const store = await app.store();
  const before = flags.before === undefined ? undefined : store.runs.resolve(flags.before);
  if (before === null) throw new InvalidError('unknown_run', `--before ${flags.before}: there is no such run`, { hint: 'pitwall runs' });
  const runs = store.runs.list({ limit, before, drill: flags.drill, kind: flags.kind, verdict: flags.verdict });
  out.data(runs);
  const filtered = [flags.before, flags.drill, flags.kind, flags.verdict].some((flag) => flag !== undefined);
  if (runs.length === 0) out.line(filtered ? 'no run matches' : 'no runs yet');
  else
    out.table(
      ['RUN', 'STARTED', 'DRILL', 'VERDICT', 'TOOK', 'TARGETS', 'TRIGGER', 'REASON'],
      runs.map((run) => summaryRow(out, run)),
    );
  return exitCodes.ok;
}

/** `pitwall show RUN`: one run, whole. */
export async function showCommand(id: string, flags: { readonly events?: boolean }, app: App): Promise<ExitCode> {
  const { out } = app;
  const store = await app.store();
  const record = store.runs.record(id);
  if (record === null) throw new InvalidError('unknown_run', `there is no run ${id}`, { hint: 'pitwall runs' });
  out.data(record);
  showRecord(out, record);
  showMatrix(record, {}, store, out);
  showCurve(record, store, out);
  if (flags.events) {
    out.line();
    for (const event of store.events.list(record.id)) out.line(eventLine(event));
  }
  return exitCodes.ok;
}
