import { EngineError, InconclusiveError } from '../../domain/errors.ts';
import type { Reconciled } from '../../domain/journal.ts';
import { labels, type Target } from '../../domain/target.ts';
import { type Answer, answer, took } from './answers.ts';
import type { Context } from './context.ts';
import { type CutData, giveBack } from './cut-change.ts';
import { type Home, runIn } from './operate.ts';
import type { Cut } from './params.ts';
import { isOptedIn, runningAt } from './place.ts';

/** What was seen while the right was cut. */
export interface Seen {
  /** ms from the order until a read that got nothing had ended; null when it could read to the end. */
  readonly cutMs: number | null;
  readonly within: number;
  /** Other applications that stopped working, by name. */
  readonly lame: readonly string[];
  readonly others: number;
  /** How many it read once it had its right again; null when it could not. */
  readonly back: string | null;
}

const settleMs = 120_000;

/** CA-6: the target's right is cut, others go on, and it gets its right back. What was begun is undone whatever comes of it. */
export async function cutRight(target: Target, home: Home, cut: Cut, context: Context): Promise<Answer> {
  const { engine, params, clock, signal, journal } = context;
  const { command, timeout } = params.operate;
  const records = await home.read();
  const lameBefore = await lameOf(target, cut, context);
  if (lameBefore.length > 0) return answer('inconclusive', `before anything was cut ${lameBefore.join(', ')} did not work`);
  const [at] = await runningAt(engine, cut.in ?? params.anchor, target, 'params.cut.in');
  if (at === undefined || !isOptedIn(at.labels)) throw new InconclusiveError('not_opted_in', `${at?.name} is not opted in any more`);
  const data: CutData = {
    at: whoIs(at.id, at.name, at.labels),
    undo: [...cut.undo],
    app: whoIs(target.id, target.name, target.labels),
    operate: [...command],
    timeout,
    patience: Math.max(30_000, 2 * (params.throttle?.window ?? 0)),
  };
  signal.throwIfAborted();
  const change = journal.open({ kind: 'anchor-cut', target: target.name, data: { ...data } });
  let seen: Pick<Seen, 'cutMs' | 'lame'> | string | null = null;
  let settled: Reconciled | null = null;
  let lost = false;
  try {
    seen = await whileCut(target, cut, at.id, context);
    if (typeof seen !== 'string' && seen.cutMs !== null) change.step('seen');
  } catch (error) {
    lost = error instanceof EngineError && error.lost;
    throw error;
  } finally {
    // with a lost engine it stays open, and is reconciled
    if (!lost) {
      const inFlight = seen === null || typeof seen === 'string';
      settled = await giveBack(data, { engine, clock, signal: AbortSignal.timeout(settleMs + data.patience) }, { inFlight });
      const note = settled.state === 'residue' ? settled.residue.join('; ') : settled.note;
      // one that is left is tried again when the run ends, and then told
      if (settled.state !== 'residue') change.close(settled.state, note);
      context.event('undo', target, note);
    }
  }
  if (seen === null || typeof seen === 'string') return answer('inconclusive', seen ?? 'nothing was seen');
  const answered = judgeCut({
    ...seen,
    within: cut.within,
    others: cut.others.length,
    back: settled?.state === 'undone' ? settled.note : null,
  });
  if (seen.cutMs !== null && answered.state !== 'inconclusive') context.measure('time_to_cut', target, seen.cutMs);
  return { ...answered, evidence: `${answered.evidence} (it read ${records} before)` };
}

/** A sentence when the cut itself could not be made. */
async function whileCut(target: Target, cut: Cut, at: string, context: Context): Promise<Pick<Seen, 'cutMs' | 'lame'> | string> {
  const { params, clock, signal } = context;
  const { command, timeout } = params.operate;
  const from = clock.monotonic();
  const ordered = await runIn(at, cut.command, context, { timeoutMs: timeout });
  if (ordered.exitCode !== 0) return `cut.command failed (${ordered.words}), so nothing was cut`;
  let cutMs: number | null = null;
  for (;;) {
    signal.throwIfAborted();
    const ran = await runIn(target.id, command, context, { timeoutMs: timeout });
    if (!ran.began)
      throw new InconclusiveError('operate', `operate in ${target.name} could not be run while its right was cut: ${ran.words}`);
    const now = clock.monotonic() - from;
    const reads = (ran.count ?? 0) > 0;
    // refused twice: once might be chance
    if (!reads && cutMs !== null) break;
    cutMs = reads ? null : now;
    if (reads && now > cut.within) return { cutMs: null, lame: [] };
  }
  return { cutMs, lame: await lameOf(target, cut, context) };
}

export function judgeCut({ cutMs, within, lame, others, back }: Seen): Answer {
  if (back === null)
    return answer('inconclusive', 'it did not get its right back, so it need not have been the cut that kept it from reading');
  if (cutMs === null) return answer('broken', `it could still read ${took(within)} after its right was cut`, back);
  const seen = `it could read nothing any more ${took(cutMs)} after its right was cut`;
  if (lame.length > 0) return answer('broken', seen, `but ${lame.join(', ')} stopped working too`, back);
  if (cutMs > within) return answer('broken', `${seen}, later than ${took(within)}`, back);
  return answer(
    'holds',
    seen,
    others === 0 ? 'of other applications none is named (params.cut.others)' : `${others} others went on working`,
    back,
  );
}

async function lameOf(target: Target, { others }: Cut, context: Context): Promise<string[]> {
  const { engine, params } = context;
  const lame: string[] = [];
  for (const [index, other] of others.entries()) {
    const [container] = await runningAt(engine, other.in, target, `params.cut.others[${index}].in`);
    if (container === undefined) continue;
    const { exitCode } = await runIn(container.id, other.command, context, { timeoutMs: params.operate.timeout });
    if (exitCode !== 0) lame.push(container.name);
  }
  return lame;
}

function whoIs(id: string, name: string, all: Readonly<Record<string, string>>): CutData['at'] {
  return { id, name, project: all[labels.composeProject] ?? null, service: all[labels.composeService] ?? null };
}
