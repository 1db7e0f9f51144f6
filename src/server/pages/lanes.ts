import { type CheckLane, checkLanes } from '../../chart/lanes.ts';
import type { Clock } from '../../domain/clock.ts';
import type { RunRecord } from '../../domain/words.ts';
import type { Samples } from '../../store/samples.ts';

interface LanesDeps {
  readonly store: { readonly samples: Pick<Samples, 'list'> };
  readonly clock: Pick<Clock, 'monotonic'>;
}

type Lanes = readonly CheckLane[];

const mostRemembered = 20;
/** Of a run that goes on they may be so old. */
const freshMs = 1_000;
/** Of many samples they take long to make, and making them anew takes no more than this share of the time. */
const share = 1 / 20;

/** What an ended run sampled does not change any more, and of one that goes on many readers may ask at once. `now`: UTC ms. */
export function rememberedLanes({
  store,
  clock,
}: LanesDeps): (record: Pick<RunRecord, 'id' | 'startedAt' | 'endedAt' | 'durationMs'>, now: number) => Lanes {
  const remembered = new Map<string, { readonly lanes: Lanes; readonly until: number }>();
  return ({ id, startedAt, endedAt, durationMs }, now) => {
    const key = `${id} ${endedAt === null ? 'running' : 'ended'}`;
    const asked = clock.monotonic();
    const known = remembered.get(key);
    if (known !== undefined && asked < known.until) return known.lanes;
    const lanes = checkLanes(store.samples.list(id), durationMs ?? now - Date.parse(startedAt));
    const made = clock.monotonic();
    remembered.delete(key);
    remembered.set(key, { lanes, until: endedAt === null ? made + Math.max(freshMs, (made - asked) / share) : Number.POSITIVE_INFINITY });
    for (const [oldest] of remembered) if (remembered.size > mostRemembered) remembered.delete(oldest);
    return lanes;
  };
}
