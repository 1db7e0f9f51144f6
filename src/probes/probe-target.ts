import { allDone } from '../domain/all-done.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import { compare } from './compare.ts';
import { attempt } from './dummy.ts';
import { type Evaluated, evaluate } from './evaluate.ts';
import { type Surroundings, targetFacts } from './gather.ts';
import { observe } from './observe.ts';
import type { Allowed, Answer, Outside, Probe } from './probe.ts';
import type { Workshop } from './tools.ts';

export interface Probed {
  readonly evaluated: readonly Evaluated[];
  /** Whether the dummy speaks for its original; null where there was no dummy. */
  readonly likeness: Answer | null;
  /** In what the dummy is not the original, and what could not be done, a sentence each. */
  readonly notes: readonly string[];
}

export interface ProbeOptions {
  readonly probes: readonly Probe[];
  readonly around: Surroundings;
  readonly allow: Allowed;
  readonly outside: Outside | null;
  hashed(value: string): string;
}

/** All the probes on one container: what the API says, what can be seen from beside it, and what is attempted in its dummy. It is not touched. */
export async function probeTarget(shop: Workshop, inspect: ContainerInspect, options: ProbeOptions): Promise<Probed> {
  const { probes, around, allow, outside, hashed } = options;
  const facts = await targetFacts(shop.engine, inspect, around.running, shop.signal);
  const [attempted, seen] = await allDone([
    attempt(shop, { inspect, image: facts.image }, { probes, networks: around.host.networks, outside, mark: null }),
    inspect.State.Running ? observe(shop, inspect) : null,
  ]);
  const known = {
    ...facts,
    host: around.host,
    silent: around.silent,
    seen,
    dummySeen: attempted.seen,
    allow,
    outside,
    unattempted: attempted.unattempted,
    hashed,
  };
  return {
    evaluated: probes.map((probe) => evaluate(probe, known, attempted.results, attempted.confidential)),
    likeness: attempted.inspect === null ? null : compare(inspect, seen, attempted.inspect, attempted.seen),
    notes: [...attempted.notes, ...(attempted.unattempted === null ? [] : [attempted.unattempted])],
  };
}
