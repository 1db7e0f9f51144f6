/** Takes bytes with the place they belong to. */
export type Matcher = (bytes: Buffer, at: number) => void;

/**
 * Finds bytes in what comes piece by piece, also over the border of pieces that follow each other; matches within matches are not counted.
 * Pieces of which the second is not where the first ends are apart. Of what went by, less than the length of the needle is kept.
 */
export function createMatcher(needle: Buffer, found: (at: number) => void): Matcher {
  if (needle.length === 0) throw new RangeError('nothing to search for');
  let tail: Buffer = Buffer.alloc(0);
  let end = Number.NaN;
  return (bytes, at) => {
    const kept = at === end ? tail.length : 0;
    const window = kept === 0 ? bytes : Buffer.concat([tail, bytes]);
    let from = 0;
    for (let hit = window.indexOf(needle); hit >= 0; hit = window.indexOf(needle, from)) {
      found(at - kept + hit);
      from = hit + needle.length;
    }
    tail = Buffer.from(window.subarray(Math.max(from, window.length - needle.length + 1)));
    end = at + bytes.length;
  };
}
