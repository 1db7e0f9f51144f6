import { type Golden, worksSince } from './golden.ts';
import { type Judged, worst } from './judge.ts';
import type { ConsumerSeen, Seen } from './timing.ts';

/** `counts`: the new one is accepted only when it works. */
export interface ConsumerJudged extends Judged {
  readonly counts: boolean;
}

/** Of its replicas the worst; `logins`: what became of the old one at each point. */
export function judgeConsumer(consumer: ConsumerSeen, logins: readonly Judged[], seen: Seen): ConsumerJudged {
  const counts = seen.credential === 'real';
  if (consumer.problems.length > 0) return { state: 'not-done', at: null, why: consumer.problems.join('; '), counts };
  const all = seen.golden.filter(({ service }) => service === consumer.service);
  if (counts && all.length === 0) return { ...unknown('it has no `prove`, so nothing shows which one it uses'), counts };
  const judged = all.map((golden) => {
    const one = counts ? afterRotation(golden, consumer, logins, seen) : goesOn(golden, seen);
    return all.length > 1 ? { ...one, why: `${golden.replica ?? golden.service}: ${one.why}` } : one;
  });
  return { ...worst(judged), counts };
}

/** That it works although nobody lets the old one in any more is the proof that it uses the new one. */
function afterRotation(golden: Golden, { deliveredAt }: ConsumerSeen, logins: readonly Judged[], { leakAt, verifiedAt }: Seen): Judged {
  const requests = golden.requests();
  const from = Math.max(leakAt, ...logins.map(({ at }) => at ?? Number.POSITIVE_INFINITY));
  if (from === Number.POSITIVE_INFINITY) return unknown('the old one is still let in somewhere, so its requests prove nothing');
  if (!requests.some(({ startedAt, asked }) => asked && startedAt >= from))
    return unknown('none of its requests was made since the old one is refused');
  const at = worksSince(requests, from);
  if (at !== null)
    return {
      state: 'done',
      // before it was verified, it may have been the old one that it worked with
      at: worksSince(requests, Math.max(deliveredAt ?? from, verifiedAt ?? leakAt)) ?? at,
      why: 'its requests are answered although the old one is refused',
    };
  const how = deliveredAt !== null ? 'it was given the new one, and does not work with it' : 'it was not given the new one';
  return { state: 'not-done', at: null, why: `its requests fail since the old one is refused: ${how}` };
}

/** A canary leaked, so it kept its own. */
function goesOn(golden: Golden, { leakAt }: Seen): Judged {
  const since = golden.requests().filter(({ startedAt }) => startedAt >= leakAt);
  const failed = since.filter(({ ok }) => !ok).length;
  if (!since.some(({ asked }) => asked)) return unknown('none of its requests was made since the leak');
  const at = worksSince(since, leakAt);
  if (at === null) return { state: 'not-done', at: null, why: `its own requests fail (${failed} since the leak)` };
  return {
    state: 'done',
    at,
    why: `a canary leaked, so it kept its own, and ${since.length - failed} of ${since.length} of its requests were answered`,
  };
}

function unknown(why: string): Judged {
  return { state: 'unknown', at: null, why };
}
