import type pLimit from 'p-limit';
import { allDone } from '../domain/all-done.ts';
import { EngineError } from '../domain/errors.ts';
import { type Evaluated, evaluate } from './evaluate.ts';
import type { Allowed, HostFacts, Outside, Probe } from './probe.ts';
import type { Workshop } from './tools.ts';
import { type Planted, plant } from './weak/plant.ts';
import { plantSocket } from './weak/socket.ts';
import type { WeakDummy } from './weak/weak-dummy.ts';

/** `red`: seen broken where it must be. `blind`: it was not, so what it says of targets is not known. `untested`: it could not be tested here, with the reason. */
export interface Tested {
  readonly outcome: 'red' | 'blind' | 'untested';
  readonly reason: string;
}

export interface SelfTestOptions {
  readonly probes: readonly Probe[];
  readonly weakDummies: readonly WeakDummy[];
  readonly host: HostFacts;
  /** Also weaknesses that reach the host. */
  readonly full: boolean;
  readonly outside: Outside | null;
  hashed(value: string): string;
  readonly limit: ReturnType<typeof pLimit>;
}

/** What is allowed in a weak dummy: nothing but what everybody may. */
export const nothingAllowed: Allowed = { capabilities: null, publishedPorts: [], listeners: [], mounts: [], user: null };

/** Every probe in a dummy with its weakness planted, one start for each group of weaknesses. */
export async function selfTest(shop: Workshop, options: SelfTestOptions): Promise<ReadonlyMap<string, Tested>> {
  const tested = new Map<string, Tested>();
  const planned = new Map<WeakDummy, Probe[]>();
  for (const probe of options.probes) {
    const weak = 'in' in probe.weakness ? weakNamed(probe.weakness.in, options.weakDummies) : null;
    const no = 'none' in probe.weakness ? probe.weakness.none : whyNot(probe, weak, shop, options);
    if (weak === null || no !== null) tested.set(probe.id, { outcome: 'untested', reason: no ?? '' });
    else planned.set(weak, [...(planned.get(weak) ?? []), probe]);
  }
  const wantsSocket = [...planned.keys()].some(({ socketAt }) => socketAt !== undefined);
  const socketVolume = wantsSocket ? await options.limit(() => plantSocket(shop)) : null;
  try {
    await allDone([...planned].map(([weak, probes]) => options.limit(() => inWeak(shop, weak, probes, socketVolume, options, tested))));
  } finally {
    if (socketVolume !== null) await shop.engine.removeVolume(socketVolume);
  }
  return tested;
}

/** Of the probes that could be tested, the share that was seen red; null when none could. */
export function detectionRate(tested: ReadonlyMap<string, Tested>): number | null {
  const outcomes = [...tested.values()].map(({ outcome }) => outcome);
  const red = outcomes.filter((outcome) => outcome === 'red').length;
  const all = red + outcomes.filter((outcome) => outcome === 'blind').length;
  return all === 0 ? null : red / all;
}

function weakNamed(name: string, all: readonly WeakDummy[]): WeakDummy {
  const found = all.find((weak) => weak.name === name);
  if (found === undefined) throw new Error(`there is no weak dummy ${name}`);
  return found;
}

function whyNot(probe: Probe, weak: WeakDummy | null, shop: Workshop, { full, outside }: SelfTestOptions): string | null {
  if (probe.safety === 'may-leave-host' && outside === null) return 'it may leave the host, and was not asked for';
  if (weak?.reachesHost === true && !full) return 'its weakness would reach the host: selfTest: full plants it';
  if (weak?.how === 'run' && 'none' in shop.tools) return shop.tools.none;
  return null;
}

async function inWeak(
  shop: Workshop,
  weak: WeakDummy,
  probes: readonly Probe[],
  socketVolume: string | null,
  options: SelfTestOptions,
  tested: Map<string, Tested>,
): Promise<void> {
  const all = (result: Tested) => {
    for (const probe of probes) tested.set(probe.id, result);
  };
  const first = await tryWeak(shop, weak, probes, socketVolume, options);
  // an engine that is busy says no once; one that cannot have such a container says the same again
  const second = first instanceof EngineError ? await tryWeak(shop, weak, probes, socketVolume, options) : first;
  if (second instanceof EngineError) {
    const always = first instanceof EngineError && withoutIds(first.message) === withoutIds(second.message);
    return all(
      always
        ? { outcome: 'untested', reason: `this host cannot have the weak dummy ${weak.name}: ${second.message}` }
        : { outcome: 'blind', reason: `the weak dummy ${weak.name} could not be made: ${second.message}` },
    );
  }
  if (second.lacking !== null) return all({ outcome: 'untested', reason: second.lacking });
  for (const probe of probes) tested.set(probe.id, verdictOn(judged(probe, weak, second, options), weak));
}

async function tryWeak(
  shop: Workshop,
  weak: WeakDummy,
  probes: readonly Probe[],
  socketVolume: string | null,
  options: SelfTestOptions,
): Promise<Planted | EngineError> {
  try {
    return await plant(shop, weak, probes, { socketVolume, outside: options.outside, mark: null });
  } catch (error) {
    if (error instanceof EngineError && !error.lost) return error;
    throw error;
  }
}

/** What differs in the words of one and the same refusal: names and ids that were made for it. */
function withoutIds(message: string): string {
  return message.replaceAll(/[0-9a-f]{8,}/g, '…');
}

function judged(probe: Probe, weak: WeakDummy, planted: Planted, { host, hashed }: SelfTestOptions): Evaluated {
  const { results, steps, seen, lacking: _, ...about } = planted;
  const facts = {
    ...about,
    host: { ...host, now: host.now + (weak.laterMs ?? 0) },
    execs: [],
    silent: [],
    seen,
    dummySeen: seen,
    allow: nothingAllowed,
    unattempted: weak.how === 'declared' ? 'it is never started' : null,
    hashed,
  };
  return evaluate(probe, facts, results, new Set(steps.filter((step) => step.confidential).map(({ key }) => key)));
}

function verdictOn({ answer }: Evaluated, weak: WeakDummy): Tested {
  if (answer.state === 'broken') return { outcome: 'red', reason: answer.evidence };
  return { outcome: 'blind', reason: `in the weak dummy ${weak.name} it answered ${answer.state}: ${answer.evidence}` };
}
