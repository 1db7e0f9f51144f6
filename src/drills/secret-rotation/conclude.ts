import type { CurvePlan } from '../../domain/curve.ts';
import type { Change } from '../../domain/journal.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Finding } from '../../domain/words.ts';
import { type Around, residueOf } from './aftermath.ts';
import { curveConsumer, curveTrack, type Phase, round } from './curve.ts';
import type { Deliveries } from './deliveries.ts';
import { linesOf } from './listen.ts';
import type { Rotation } from './system.ts';
import { type Seen, type Timing, timingOf } from './timing.ts';
import { namesOf } from './vantages.ts';
import { sessionsAfter } from './verify.ts';

export interface Rehearsed {
  readonly timing: Timing;
  readonly curve: CurvePlan;
  /** Who holds it too, and where the old one still lies. */
  readonly aftermath: readonly Omit<Finding, 'waivedUntil'>[];
  /** The new one stays in force; false when the old one is put back. */
  readonly kept: boolean;
  /** Services that were given it, each replica; null when the old one is put back. */
  readonly given: ReadonlySet<string> | null;
  /** What failed first; what was seen is told all the same. */
  readonly error: unknown;
}

/** One rotation whose attackers have stopped. */
export interface Over {
  readonly around: Around;
  readonly rotation: Rotation;
  readonly deliveries: Deliveries;
  readonly change: Change;
  /** All that was seen but for what is looked at now. */
  readonly seen: Omit<Seen, 'left' | 'nameOf' | 'consumers'>;
  readonly phases: readonly Phase[];
  /** ms */
  readonly uncertaintyMs: number;
  /** What is searched for; UTC ms from when on. */
  readonly sought: Secret;
  readonly since: number;
  readonly beyond: Rehearsed['aftermath'];
  /** What the run wrote of itself so far. */
  readonly told: readonly string[];
  /** The old one was not refused, as that would have been an outage. */
  readonly stopped: boolean;
  readonly error: unknown;
}

/** What comes after the attack: looks once more, judges, and clears up when all is well; else the change is left open, to be put back. */
export async function conclude(over: Over): Promise<Rehearsed> {
  const { around, rotation, deliveries, change, sought, since, beyond } = over;
  const { context, scope, system } = around;
  const { params } = context;
  const failed: unknown[] = over.error === null ? [] : [over.error];
  const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      failed.push(error);
      return otherwise;
    }
  };
  const left = failed.length === 0 && !over.stopped ? await attempt(() => sessionsAfter(rotation, scope), null) : null;
  const others = await attempt(() => scope.others(), []);
  const seen: Seen = {
    ...over.seen,
    left,
    consumers: params.consumers.map(({ service }) => ({
      service,
      problems: deliveries.problems(service),
      deliveredAt: deliveries.deliveredAt(service),
    })),
    nameOf: namesOf(others, context.targets),
  };
  const timing = timingOf(seen);
  const curve = curveOf(seen, over.phases, { probeEveryMs: params.probeEvery, uncertaintyMs: over.uncertaintyMs });
  const kept = failed.length === 0 && (params.credential === 'canary' || timing.good || params.onFailure === 'keep');
  let residue: Rehearsed['aftermath'] = [];
  if (kept) {
    await attempt(commit, undefined);
    const lines = [...over.told, ...linesOf([...timing.findings, ...beyond]), JSON.stringify(curve)];
    residue = await attempt(() => residueOf(sought, since, lines, around), []);
  } else if (failed.length === 0) {
    context.event('put-back', null, 'not all is as it should be, so the old credential is put back');
  }
  const given = seen.consumers.filter(({ problems, deliveredAt }) => problems.length === 0 && deliveredAt !== null);
  return {
    given: kept ? new Set(given.map(({ service }) => service)) : null,
    timing,
    curve,
    aftermath: [...beyond, ...residue],
    kept,
    error: failed[0] ?? null,
  };

  async function commit(): Promise<void> {
    change.step('commit');
    const still = [...(await rotation.clear()), ...(await deliveries.forget())];
    // the runner settles the change once more, and tells what is left then; but what nobody could see by then is told now
    if (system.undoUnproven === true) for (const sentence of still) context.residue(sentence);
    change.close(still.length === 0 ? 'done' : 'residue', still.join('; ') || 'the practice was cleared away');
  }
}

function curveOf(seen: Seen, phases: readonly Phase[], about: Pick<CurvePlan, 'probeEveryMs' | 'uncertaintyMs'>): CurvePlan {
  const { plan, credential, leakAt, endAt, tracks, golden } = seen;
  const begun = Math.min(leakAt, ...tracks.flatMap(({ samples }) => samples()[0]?.startedAt ?? []));
  return {
    plan,
    credential,
    probeEveryMs: about.probeEveryMs,
    uncertaintyMs: round(about.uncertaintyMs),
    from: round(begun - leakAt),
    to: round(endAt - leakAt),
    phases: phases
      .filter(({ to }) => to > leakAt)
      .map(({ name, from, to }) => ({ name, from: round(from - leakAt), to: round(to - leakAt) })),
    tracks: tracks.map((track) => curveTrack(track, leakAt)),
    consumers: golden.map((one) => curveConsumer(one, leakAt)),
  };
}
