import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

type Answer = Parameters<LookupFunction>[2];

/**
 * The system's own name lookup, with at most one under way for each name. A lookup cannot be cancelled and holds one of the process's
 * four worker threads until DNS gives up; a sample four times a second would take all of them when DNS is silent.
 */
export function singleLookup(): LookupFunction {
  const underWay = new Map<string, Answer[]>();
  return (hostname, options, answer) => {
    const key = `${hostname} ${String(options.family)} ${String(options.all)}`;
    const waiting = underWay.get(key);
    if (waiting !== undefined) {
      waiting.push(answer);
      return;
    }
    const answers = [answer];
    underWay.set(key, answers);
    systemLookup(hostname, options, (error, address, family) => {
      underWay.delete(key);
      for (const each of answers) each(error, address, family);
    });
  };
}

/** Of a name with several addresses always one: that of this index, counted round, in an order that is the same at every lookup. */
export function nthAddress(lookup: LookupFunction, nth: number): LookupFunction {
  return (hostname, options, answer) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const all = [...(Array.isArray(found) ? (found as LookupAddress[]) : [])].sort((a, b) => (a.address < b.address ? -1 : 1));
      const chosen = all[nth % all.length];
      if (error !== null || chosen === undefined) answer(error ?? new Error('no address'), '', 0);
      else if (options.all === true) answer(null, [chosen]);
      else answer(null, chosen.address, chosen.family);
    });
}
