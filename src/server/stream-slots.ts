/** How many streams there may be at a time: of all, and of one caller, who could else keep everyone out. */
import { HttpError } from './http-errors.ts';
import type { Limits } from './limits.ts';

export interface StreamSlots {
  /**
   * @returns to be called at the stream's end, any number of times.
   * @throws HttpError 503 when all are taken, 429 when this caller has its share.
   */
  take(who: string): () => void;
}

export function streamSlots({ followers, followersEach }: Pick<Limits, 'followers' | 'followersEach'>): StreamSlots {
  const taken = new Map<string, number>();
  let all = 0;
  const add = (who: string, n: number) => {
    all += n;
    const own = (taken.get(who) ?? 0) + n;
    if (own > 0) taken.set(who, own);
    else taken.delete(who);
  };
  return {
    take(who) {
      const own = taken.get(who) ?? 0;
      if (own >= followersEach) {
        throw new HttpError(429, 'too_many_followers', `${own} streams of this caller are open already`, {
          hint: 'close one, or ask without a stream',
        });
      }
      if (all >= followers) {
        throw new HttpError(503, 'too_many_followers', `${all} streams are open already`, { hint: 'ask again later, or without a stream' });
      }
      add(who, 1);
      let open = true;
      return () => {
        if (open) add(who, -1);
        open = false;
      };
    },
  };
}
