/** A stretch of time during which a zone's clocks keep one offset. Instants are UTC ms. */
export interface Segment {
  readonly from: number;
  /** Not included. At this instant the offset may change; where it does not, the stretch was only looked at so far. */
  readonly to: number;
  /** ms to add to UTC to get what the clocks on the wall show. */
  readonly offset: number;
  /** The offset just before `from`. */
  readonly before: number;
}

export interface Zone {
  readonly name: string;
  /** The stretch that holds an instant. `from` is exact when the change was within the two days before it. */
  segment(at: number): Segment;
}

const day = 86_400_000;
/** Two changes of the clocks are never as near to each other as this; the nearest known are a month apart. */
const stride = 3 * day;
const lookBack = 2 * day;
const lookAhead = 190 * day;

/** A zone of the IANA database as the runtime knows it; finds its changes when they are asked for and remembers them. Throws RangeError for a name that is not known. */
export function createZone(name: string): Zone {
  const offset = offsetReader(name);
  let known: Segment[] = [];
  return {
    name,
    segment(at) {
      const found = known.find((segment) => segment.from <= at && at < segment.to);
      if (found !== undefined) return found;
      const last = known.at(-1);
      // The usual walk goes forwards, from one stretch into the next; anything else begins anew.
      const follows = last !== undefined && at >= last.to && at < last.to + lookBack;
      let segment = follows ? after(last, offset) : first(at - lookBack, offset);
      known = follows ? [...known.slice(-2), segment] : [segment];
      while (at >= segment.to) {
        segment = after(segment, offset);
        known = [...known.slice(-2), segment];
      }
      return segment;
    },
  };
}

/** ms to add to UTC to get what the clocks on the wall show at an instant. */
export function offsetAt(name: string, at: number): number {
  return offsetReader(name)(at);
}

function first(from: number, offset: (at: number) => number): Segment {
  const own = offset(from);
  return { from, to: changeAfter(from, own, offset), offset: own, before: own };
}

function after(last: Segment, offset: (at: number) => number): Segment {
  const own = offset(last.to);
  return { from: last.to, to: changeAfter(last.to, own, offset), offset: own, before: last.offset };
}

/** The first instant after `from` with another offset, to the second; or how far was looked. */
function changeAfter(from: number, own: number, offset: (at: number) => number): number {
  for (let at = from; at < from + lookAhead; at += stride) {
    if (offset(at + stride) === own) continue;
    let same = Math.floor(at / 1000);
    let other = Math.floor((at + stride) / 1000);
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (offset(middle * 1000) === own) same = middle;
      else other = middle;
    }
    return other * 1000;
  }
  return from + lookAhead;
}

function offsetReader(name: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  return (at) => {
    const [, sign, hours, minutes = '0', seconds = '0'] = /GMT([+-])(\d+):?(\d+)?:?(\d+)?/.exec(format.format(at)) ?? [];
    if (sign === undefined) return 0;
    const total = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
    return sign === '-' ? -total : total;
  };
}
