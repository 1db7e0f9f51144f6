import type { Finding, Severity } from '../../domain/words.ts';
import { careful, explained, notOver, sessionOf } from './doubts.ts';
import { failures, type Golden } from './golden.ts';
import { type Judged, judgeNewLogin, judgeOldLogin, judgeSession, loginsBeside, type Span, worst } from './judge.ts';
import { judgeConsumer } from './judge-consumer.ts';
import type { PlanName } from './params.ts';
import type { OldSession, Point } from './system.ts';
import type { Track } from './tracks.ts';

/** Everything that was seen of one rotation. Instants are monotonic ms. */
export interface Seen extends Span {
  readonly plan: PlanName;
  readonly credential: 'canary' | 'real';
  readonly points: readonly Point[];
  readonly tracks: readonly Track[];
  readonly golden: readonly Golden[];
  /** When `issue` had returned; null when it never did. */
  readonly issuedAt: number | null;
  /** Plan `planned`: from when on no consumer was seen to use the old one any more; null when that was not looked for. */
  readonly verifiedAt: number | null;
  /** Points that let in a password that was never given out, by name. */
  readonly careless: ReadonlySet<string>;
  readonly consumers: readonly ConsumerSeen[];
  /** What the servers themselves still list; null where they list nothing. */
  readonly left: readonly OldSession[] | null;
  readonly notAllowed: string | null;
  /** The wall clock, as Pitwall has it: UTC ms at the end, and ms by which it was set since the leak was near. */
  readonly wall: { readonly endAt: number; readonly setBy: number };
  /** Why a point did not take what it was told, where a system knows. */
  whyNotTaken(point: string): string | null;
  /** `api` for an address, where it is known. */
  nameOf(address: string): string;
}

export interface ConsumerSeen {
  readonly service: string;
  /** What went wrong with its delivery, a sentence each, naming the container. */
  readonly problems: readonly string[];
  /** Monotonic ms by which the run had given it the new one; null when it did not. */
  readonly deliveredAt: number | null;
}

export interface Timing {
  /** ms from the leak; what could not be said is not there. */
  readonly measures: Readonly<Record<string, number>>;
  readonly findings: readonly Omit<Finding, 'waivedUntil'>[];
  /** Nothing broken and nothing unknown. */
  readonly good: boolean;
}

export function timingOf(seen: Seen): Timing {
  const { tracks, points, leakAt, endAt } = seen;
  const of = (point: Point, credential: Track['credential'], mode: Track['mode']) =>
    tracks.filter((track) => track.point === point.name && track.credential === credential && track.mode === mode);
  const rows = points.map((point) => {
    const newOnes = of(point, 'new', 'login').map((track) => judgeNewLogin(track.samples(), seen));
    const fresh = seen.issuedAt === null ? null : explained(worst(newOnes), point, seen);
    return {
      point,
      fresh,
      login: modesOf(point, 'login')
        ? careful(worst(of(point, 'old', 'login').map((track) => judgeOldLogin(track.samples(), seen))), point, fresh, seen)
        : null,
      session: modesOf(point, 'session')
        ? sessionOf(
            worst(of(point, 'old', 'session').map((track) => judgeSession(track.samples(), loginsBeside(track, tracks), seen))),
            point,
            seen,
          )
        : null,
      token: modesOf(point, 'token')
        ? careful(
            worst(of(point, 'old', 'token').map((track) => notOver(judgeOldLogin(track.samples(), seen), track, seen))),
            point,
            fresh,
            seen,
          )
        : null,
    };
  });
  const consumers = seen.consumers.map((one) => ({
    ...one,
    judged: judgeConsumer(
      one,
      rows.flatMap(({ login }) => login ?? []),
      seen,
    ),
  }));
  const refused = latest(rows.flatMap(({ login }) => login ?? []));
  const dead = latest(rows.flatMap(({ session }) => session ?? []));
  const tokens = latest(rows.flatMap(({ token }) => token ?? []));
  const accepted = latest([
    ...rows.map(({ fresh }) => fresh ?? never),
    ...consumers.flatMap(({ judged }) => (judged.counts ? [judged] : [])),
  ]);
  const parts = {
    time_to_old_refused: refused,
    time_to_sessions_dead: dead,
    time_to_tokens_refused: tokens,
    time_to_new_accepted: accepted,
  };
  const measures: Record<string, number> = {};
  for (const [name, at] of Object.entries(parts)) if (typeof at === 'number') measures[name] = at - leakAt;
  if (seen.issuedAt !== null) measures.time_to_new_issued = seen.issuedAt - leakAt;
  if (typeof refused === 'number' && typeof accepted === 'number') {
    const letIn = lastLetIn(points.flatMap((point) => of(point, 'old', 'login')));
    const overlap = overlapOf(refused, accepted, letIn, seen.freshMs);
    if (overlap !== null) measures.overlap = overlap;
  }
  const all = Object.values(parts).filter((at) => at !== 'none');
  if (all.every((at) => typeof at === 'number')) measures.time_to_full_refusal = Math.max(...(all as number[])) - leakAt;
  const requests = seen.golden
    .flatMap((one) => one.requests())
    .filter(({ asked, startedAt }) => asked && startedAt >= leakAt && startedAt <= endAt);
  if (requests.length > 0) measures.failed_requests = failures(seen.golden, { from: leakAt, to: endAt }).length;
  const findings = [
    ...rows.flatMap(({ point, login, session, token, fresh }) => [
      ...(login === null ? [] : [finding('ROT-login', `the old one is refused at ${atOf(point)}`, point.target, 'high', login, leakAt)]),
      ...(session === null
        ? []
        : [finding('ROT-session', `sessions of the old one are ended at ${atOf(point)}`, point.target, 'high', session, leakAt)]),
      ...(token === null
        ? []
        : [finding('ROT-token', `what was derived from the old one is refused at ${atOf(point)}`, point.target, 'high', token, leakAt)]),
      ...(fresh === null ? [] : [finding('ROT-login', `the new one is let in at ${atOf(point)}`, point.target, 'high', fresh, leakAt)]),
    ]),
    ...consumers.map(({ service, judged }) => ofConsumer(service, judged, seen)),
    ...(seen.plan === 'planned' && seen.credential === 'real' && requests.length === 0 ? [noRequests] : []),
  ];
  return {
    measures,
    findings,
    good: findings.every(({ state }) => state === 'holds' || state === 'not-applicable') && seen.issuedAt !== null,
  };
}

/** Its container is the finding's target already. */
function atOf({ name, target }: Point): string {
  return target === null ? name : name.replace(` (${target})`, '');
}

const never: Judged = { state: 'unknown', at: null, why: 'no new one was issued' };

function modesOf(point: Point, mode: Track['mode']): boolean {
  return point.modes.includes(mode);
}

const noRequests: Omit<Finding, 'waivedUntil'> = {
  probe: 'ROT-consumer',
  title: 'no request of a consumer fails',
  target: null,
  severity: 'high',
  state: 'inconclusive',
  evidence: 'no request was made, so nobody knows whether one failed',
};

function ofConsumer(service: string, judged: Judged, { credential, golden, leakAt }: Seen): Omit<Finding, 'waivedUntil'> {
  if (credential === 'real') return finding('ROT-consumer', `${service} works with the new one`, service, 'high', judged, leakAt);
  const told = finding('ROT-consumer', `${service} goes on working`, service, 'high', judged, leakAt);
  // without a request of its own nothing is claimed of it, and nothing was done to it
  const silent = judged.state === 'unknown' && !golden.some((one) => one.service === service);
  return silent ? { ...told, state: 'not-applicable', evidence: 'a canary leaked, so it kept its own; it has no `prove`' } : told;
}

/**
 * Less than 0: neither worked. More: the old one was seen to be let in after the new one was. A refusal is seen only at the next attempt, and a machine
 * that stalls makes that late: when the new one was let in between the last time that the old one was and its refusal, nobody saw which came first, and
 * it is 0. Null when that took longer than attempts are apart, as for who is locked out: the old one may have worked for all of it.
 */
function overlapOf(refusedAt: number, acceptedAt: number, letInAt: number, freshMs: number): number | null {
  if (refusedAt <= acceptedAt || letInAt >= acceptedAt) return refusedAt - acceptedAt;
  return refusedAt - letInAt <= freshMs ? 0 : null;
}

/** When the last attempt began that was let in. */
function lastLetIn(tracks: readonly Track[]): number {
  const all = tracks.flatMap((track) => track.samples().findLast(({ answer }) => answer === 'accepted')?.startedAt ?? []);
  return Math.max(...all);
}

/** `none` when there is nothing of the sort, null when one of them is not done. */
function latest(all: readonly Judged[]): number | null | 'none' {
  if (all.length === 0) return 'none';
  return all.every(({ state, at }) => state === 'done' && at !== null) ? Math.max(...all.map(({ at }) => at ?? 0)) : null;
}

function finding(
  probe: string,
  title: string,
  target: string | null,
  severity: Severity,
  judged: Judged,
  leakAt: number,
): Omit<Finding, 'waivedUntil'> {
  const states = { done: 'holds', 'not-done': 'broken', unknown: 'inconclusive' } as const;
  const when =
    judged.at === null ? '' : `${judged.at < leakAt ? 'from before the leak on' : `after ${Math.round(judged.at - leakAt)} ms`}: `;
  return { probe, title, target, severity, state: states[judged.state], evidence: `${when}${judged.why}` };
}
