import type { Judged } from './judge.ts';
import type { Point } from './system.ts';
import type { Seen } from './timing.ts';
import type { Track } from './tracks.ts';
import { mostDriftMs } from './wall-clock.ts';

/** Two reasons not to believe a refusal: a point that checks nothing, and one that refuses everybody. */
export function careful(judged: Judged, point: Point, fresh: Judged | null, seen: Pick<Seen, 'careless' | 'whyNotTaken'>): Judged {
  if (seen.careless.has(point.name))
    return { state: 'not-done', at: null, why: 'a password that was never given out is let in too: nothing is checked here' };
  if (judged.state === 'done' && fresh?.state === 'not-done')
    return {
      state: 'unknown',
      at: null,
      why: `${judged.why}, but so is the new one: it may refuse everybody, or have locked the attacker out`,
    };
  return explained(judged, point, seen);
}

/** Sessions of others than our attackers count as well: a pool that kept its connections. */
export function sessionOf(judged: Judged, point: Point, { left, notAllowed, nameOf }: Seen): Judged {
  const kept = (left ?? []).filter((one) => one.point === point.name);
  if (kept.length > 0) {
    const who = [...new Set(kept.map(({ client }) => (client === null ? 'somebody' : nameOf(client))))].join(', ');
    return { state: 'not-done', at: null, why: `${kept.length} still open, of ${who}${notAllowed === null ? '' : `: ${notAllowed}`}` };
  }
  return judged.state === 'not-done' && notAllowed !== null ? { ...judged, why: `${judged.why}: ${notAllowed}` } : judged;
}

/** What ends by itself, by a clock that is everybody's, may have done so. */
export function notOver(judged: Judged, { until }: Pick<Track, 'until'>, { wall }: Pick<Seen, 'wall'>): Judged {
  if (judged.state !== 'done' || until === undefined) return judged;
  const doubt = (why: string): Judged => ({ state: 'unknown', at: null, why: `${judged.why}, but ${why}` });
  if (Math.abs(wall.setBy) > mostDriftMs) return doubt('the clock was set meanwhile, and it may have ended by that');
  return wall.endAt >= until ? doubt('it had ended by itself before the drill did: raise params.ttl') : judged;
}

/** With what the system knows of it. */
export function explained(judged: Judged, point: Point, { whyNotTaken }: Pick<Seen, 'whyNotTaken'>): Judged {
  const why = judged.state === 'not-done' ? whyNotTaken(point.name) : null;
  return why === null ? judged : { ...judged, why: `${judged.why}: ${why}` };
}
