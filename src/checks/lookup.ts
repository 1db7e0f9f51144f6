import { lookup as systemLookup } from 'node:dns';
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
