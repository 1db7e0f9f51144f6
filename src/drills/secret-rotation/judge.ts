import { isHangUp } from '../../checks/login/codes.ts';
import type { Sample } from '../../checks/prober/contract.ts';
import { silence } from './silence.ts';
import { lastSaid, says, type Track } from './tracks.ts';

/** What became of one track. `at`: monotonic ms by which it was as it should be; null where it never was, or where nobody can tell. */
export interface Judged {
  readonly state: 'done' | 'not-done' | 'unknown';
  readonly at: number | null;
  /** A few words: `refused (28P01)`, `still let in`. */
  readonly why: string;
}

export interface Span {
  /** Monotonic ms of the declared leak. */
  readonly leakAt: number;
  readonly endAt: number;
  /** How long before the end an answer must have come to still say something. */
  readonly freshMs: number;
}

/**
 * The old credential at one point, from one place: from the end of the first refusal after which nothing was let in any more. An answer that says
 * nothing never counts as a refusal, and a point that had not let it in before the leak proves nothing.
 */
export function judgeOldLogin(samples: readonly Sample[], span: Span): Judged {
  const lastIn = samples.findLastIndex(({ answer }) => answer === 'accepted');
  const before = samples.some(({ answer, endedAt }) => answer === 'accepted' && endedAt <= span.leakAt);
  if (!before) return unknown('it was not let in before the leak either, so nothing is proven');
  const refused = samples
    .slice(lastIn + 1)
    .find(({ answer, startedAt }) => answer === 'refused' && startedAt >= (samples[lastIn]?.startedAt ?? 0));
  if (refused === undefined) {
    const last = samples.at(-1);
    if (last?.answer === 'accepted') return stillSpeaks(samples, span) ?? { state: 'not-done', at: null, why: 'still let in' };
    return unknown(`no answer that says anything (${silence(last?.code)}) since it was last let in`);
  }
  if (refused.endedAt <= span.leakAt)
    return unknown(`it was refused (${refused.code ?? ''}) before anything was done about it, so the rotation is not what closed it`);
  if (refused.code === 'certificate_expired') return unknown('it has expired, so the rotation need not be what closed it');
  return stillSpeaks(samples, span) ?? { state: 'done', at: refused.endedAt, why: `refused (${refused.code ?? ''})` };
}

/** A session is dead once the other side closed it or refuses what it asks; that the network was not what broke is told by the system's own word, or by the logins at the same point. */
export function judgeSession(samples: readonly Sample[], logins: readonly Sample[], span: Span): Judged {
  if (!samples.some(({ answer, endedAt }) => answer === 'accepted' && endedAt <= span.leakAt))
    return unknown('no session could be opened before the leak');
  const lastIn = samples.findLastIndex(({ answer }) => answer === 'accepted');
  const end = samples.slice(lastIn + 1).find(({ answer }) => answer === 'closed' || answer === 'refused');
  if (end === undefined) {
    const last = samples.at(-1);
    if (last?.answer === 'accepted') return stillSpeaks(samples, span) ?? { state: 'not-done', at: null, why: 'still alive' };
    return unknown(`no answer that says anything (${silence(last?.code)}) since it last worked`);
  }
  if (end.endedAt <= span.leakAt) return unknown(`it had ended before the leak (${end.code ?? ''}), so the rotation did not end it`);
  if (isHangUp(end.code) && !logins.some(({ answer, endedAt }) => says(answer) && endedAt > end.endedAt))
    return unknown(`it was cut off (${end.code ?? ''}), and so may the network have been`);
  return { state: 'done', at: end.endedAt, why: `ended (${end.code ?? ''})` };
}

/** From when on the new one was let in without a refusal. */
export function judgeNewLogin(samples: readonly Sample[], span: Span): Judged {
  const lastRefused = samples.findLastIndex(({ answer }) => answer === 'refused');
  const first = samples.slice(lastRefused + 1).find(({ answer }) => answer === 'accepted');
  if (first === undefined) {
    const last = lastSaid(samples);
    if (last?.answer === 'refused')
      return stillSpeaks(samples, span) ?? { state: 'not-done', at: null, why: `refused (${last.code ?? ''})` };
    return unknown(`no answer that says anything (${silence(samples.at(-1)?.code)})`);
  }
  return stillSpeaks(samples, span) ?? { state: 'done', at: first.endedAt, why: 'let in' };
}

/** Of the same point from several places: the worst, and of those that are done the latest. */
export function worst(all: readonly Judged[]): Judged {
  const rank = { 'not-done': 2, unknown: 1, done: 0 };
  const [first] = all.toSorted((a, b) => rank[b.state] - rank[a.state] || (b.at ?? 0) - (a.at ?? 0));
  return first ?? unknown('nobody tried');
}

export function loginsBeside(track: Track, tracks: readonly Track[]): Sample[] {
  return tracks
    .filter((one) => one.point === track.point && one.where === track.where && one.mode !== 'session')
    .flatMap((one) => one.samples());
}

/** Null when it does. What fell silent at the end may have changed its mind since. */
function stillSpeaks(samples: readonly Sample[], { endAt, freshMs }: Span): Judged | null {
  const last = lastSaid(samples);
  if (last !== null && last.endedAt >= endAt - freshMs) return null;
  return unknown(`it gave no answer that says anything at the end (${silence(samples.at(-1)?.code)})`);
}

function unknown(why: string): Judged {
  return { state: 'unknown', at: null, why };
}
