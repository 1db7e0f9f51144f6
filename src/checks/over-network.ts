import type { CheckSpec } from '../domain/drill.ts';
import type { Check, CheckScope } from './contract.ts';
import { fromService } from './from-service.ts';
import { singleLookup } from './lookup.ts';
import { put, type Question } from './questions.ts';
import { timed } from './timed.ts';

/** Asks from this process, or, where the spec says so, from beside a replica of a service. */
export function overNetwork(spec: Extract<CheckSpec, { type: 'http' | 'tcp' }>, question: Question, scope: CheckScope): Check {
  if (spec.from !== null) return fromService(spec, spec.from.service, question, scope);
  const lookup = singleLookup();
  return {
    spec,
    oneAtATime: false,
    ask: (signal) =>
      timed((cut, answered) => put(question, lookup, cut, answered), { clock: scope.clock, timeoutMs: spec.timeoutMs, signal }),
    close: async () => undefined,
  };
}
