import { randomBytes } from 'node:crypto';
import { allDone } from '../domain/all-done.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { ImageInspect } from '../domain/engine/images.ts';
import type { NetworkInspect } from '../domain/engine/networks.ts';
import { EngineError } from '../domain/errors.ts';
import { dummyBody } from './dummy-spec.ts';
import { gatewaysOf } from './gateways.ts';
import { mountsOf } from './mounts.ts';
import { endpointOf } from './outside.ts';
import type { Ground, Outside, Probe, Seen, StepResult } from './probe.ts';
import { commandFor, readAnswers, type ScriptStep, scriptOf } from './script.ts';
import { readSeen, seenSteps } from './seen.ts';
import { newNonce, type Opened, openOnce } from './start-once.ts';
import { labelsOf, type Workshop } from './tools.ts';

export interface Original {
  readonly inspect: ContainerInspect;
  readonly image: ImageInspect;
}

export interface Attempted {
  /** By `PROBE/step`. */
  readonly results: ReadonlyMap<string, StepResult>;
  /** Keys of the steps whose output may hold a secret. */
  readonly confidential: ReadonlySet<string>;
  /** The dummy as it ran; null when there was none. */
  readonly inspect: ContainerInspect | null;
  readonly seen: Seen | null;
  /** In what it is not the original, a sentence each. */
  readonly notes: readonly string[];
  /** Why there was none; null when there was. */
  readonly unattempted: string | null;
}

export interface AttemptOptions {
  readonly probes: readonly Probe[];
  readonly networks: readonly NetworkInspect[];
  readonly outside: Outside | null;
  readonly mark: string | null;
}

/** s that a dummy may run, whatever its steps may take each. */
const mostSeconds = 60;
const attachMs = (mostSeconds + 15) * 1_000;

/** All probes of a target in one start of a dummy, and one start more for each that would end it. Leaves nothing. */
export async function attempt(shop: Workshop, original: Original, options: AttemptOptions): Promise<Attempted> {
  const unattempted = whyNot(shop, original.inspect);
  if (unattempted !== null) return nothing(unattempted);
  const together = options.probes.filter((probe) => probe.alone === undefined);
  const alone = options.probes.filter((probe) => probe.alone !== undefined);
  const [main, ...others] = await allDone([
    inDummy(shop, original, together, options, null),
    ...alone.map((probe) => inDummy(shop, original, [probe], options, probe.alone ?? null)),
  ]);
  const results = new Map([main, ...others].flatMap((one) => [...one.results]));
  const notes = [main, ...others].flatMap((one) => (one.unattempted === null ? [] : [one.unattempted]));
  const confidential = new Set([main, ...others].flatMap((one) => [...one.confidential]));
  return { ...main, results, confidential, notes: [...main.notes, ...(main.unattempted === null ? notes : [])] };
}

function nothing(unattempted: string | null): Attempted {
  return { results: new Map(), confidential: new Set(), inspect: null, seen: null, notes: [], unattempted };
}

/** A clone of it would reach the host, or cannot be instrumented. */
function whyNot(shop: Workshop, { HostConfig }: ContainerInspect): string | null {
  if ('none' in shop.tools) return `nothing was attempted: ${shop.tools.none}`;
  if (HostConfig.Privileged === true) return 'nothing was attempted: it is privileged, and a clone of it would reach the host';
  return null;
}

async function inDummy(
  shop: Workshop,
  original: Original,
  probes: readonly Probe[],
  options: AttemptOptions,
  alone: Probe['alone'] | null,
): Promise<Attempted> {
  try {
    return await attemptIn(shop, original, { ...options, probes, alone, faithful: alone === null });
  } catch (error) {
    if (!refused(error)) throw error;
    // a folder of the host that is gone, a network that lets no more in: what is left still says much
    if (alone === null) {
      try {
        const poorer = await attemptIn(shop, original, { ...options, probes, alone, faithful: false });
        const note = `it has none of the original's networks and folders: ${error.message}`;
        return { ...poorer, notes: [...poorer.notes, note] };
      } catch (again) {
        if (!refused(again)) throw again;
      }
    }
    const unattempted = `the dummy could not be started: ${error.message}`;
    return nothing(unattempted);
  }
}

function refused(error: unknown): error is EngineError {
  return error instanceof EngineError && !error.lost;
}

export interface OpenDummy extends Opened {
  readonly steps: readonly ScriptStep[];
  readonly nonce: string;
  readonly notes: readonly string[];
}

export interface DummyOptions extends AttemptOptions {
  /** The one limit that is the original's as it is. */
  readonly alone: Probe['alone'] | null;
  /** On the original's networks, with its folders of the host. */
  readonly faithful: boolean;
  /** s that it stays when all have answered. (Default: 0.) */
  readonly staySeconds?: number;
}

/** Starts a dummy with these probes' script in it; `close` takes it and its volumes away. Null when there is nothing to run. */
export async function openDummy(shop: Workshop, { inspect, image }: Original, options: DummyOptions): Promise<OpenDummy | null> {
  if ('none' in shop.tools) throw new Error('there is no busybox to start a dummy with');
  const { alone, faithful, mark, staySeconds = 0 } = options;
  const name = `pitwall-dummy-${randomBytes(4).toString('hex')}`;
  const labels = labelsOf(shop, 'dummy');
  const { networks, note } = networksOf(inspect);
  const joined = faithful ? networks : [];
  const none = { volumes: [], binds: [], notes: [] };
  const mounts = alone === null ? await mountsOf(shop.engine, inspect, name, { signal: shop.signal, binds: faithful }) : none;
  const own = mounts.volumes.filter((volume) => volume.own);
  const ground: Ground = {
    inspect,
    image,
    scratch: own.filter((volume) => !volume.readOnly).map(({ path }) => path),
    gateways: gatewaysOf(inspect, joined, options.networks),
    outside: options.outside,
    mark,
  };
  const steps = [...(alone === null ? seenSteps : []), ...stepsOf(options.probes, ground)];
  if (steps.length === 0) return null;
  const nonce = newNonce();
  const body = dummyBody(inspect, image, {
    labels,
    tools: shop.tools.volume,
    network: joined[0] ?? 'none',
    nameServers: nameServersOf(inspect, options.outside),
    volumes: mounts.volumes,
    binds: mounts.binds,
    command: commandFor(scriptOf(steps, nonce, { mark, staySeconds }), mostSeconds + staySeconds),
    alone,
  });
  const made: string[] = [];
  const removeVolumes = async () => {
    for (const volume of made) await shop.engine.removeVolume(volume);
  };
  try {
    for (const { volume } of own) {
      await shop.engine.createVolume(volume, labels);
      made.push(volume);
    }
    const timeoutMs = attachMs + staySeconds * 1_000;
    const opened = await openOnce(shop, { name, body, networks: joined.slice(1), steps, nonce, timeoutMs });
    const notes = [...mounts.notes, ...(note === null ? [] : [note])];
    const close = async () => {
      await opened.close();
      await removeVolumes();
    };
    return { ...opened, close, steps, nonce, notes };
  } catch (error) {
    await removeVolumes().catch(() => undefined);
    throw error;
  }
}

async function attemptIn(shop: Workshop, original: Original, options: DummyOptions): Promise<Attempted> {
  const dummy = await openDummy(shop, original, options);
  if (dummy === null) return nothing(null);
  try {
    const lines: string[] = [];
    for await (const line of dummy.lines) lines.push(line);
    shop.signal.throwIfAborted();
    const { results } = readAnswers(lines, dummy.steps, dummy.nonce);
    const confidential = new Set(dummy.steps.filter((step) => step.confidential).map(({ key }) => key));
    return { results, confidential, inspect: dummy.inspect, seen: readSeen(results), notes: dummy.notes, unattempted: null };
  } finally {
    await dummy.close();
  }
}

/** What a probe may run is decided here, by its safety class, not by the probe. */
export function stepsOf(probes: readonly Probe[], ground: Ground): ScriptStep[] {
  return probes.flatMap((probe) => {
    if (probe.safety === 'may-leave-host' && ground.outside === null) return [];
    return (probe.steps?.(ground) ?? []).map((step) => ({ ...step, key: `${probe.id}/${step.name}` }));
  });
}

/** A namespace that is not its own is not joined: what a probe changes there would not be the dummy's. */
function networksOf({ HostConfig, NetworkSettings }: ContainerInspect): {
  readonly networks: readonly string[];
  readonly note: string | null;
} {
  const mode = HostConfig.NetworkMode;
  if (mode === 'host') return { networks: [], note: 'it has no network: the original is in that of the host' };
  if (mode.startsWith('container:')) return { networks: [], note: 'it has no network: the original is in that of another container' };
  return { networks: Object.keys(NetworkSettings.Networks).filter((name) => name !== 'none'), note: null };
}

/** A decoy answers for names as well: nobody else is to be asked for one that no one has. */
function nameServersOf({ HostConfig }: ContainerInspect, outside: Outside | null): readonly string[] {
  if (outside === null) return [];
  return 'decoy' in outside ? [endpointOf(outside.decoy).host] : ((HostConfig.Dns ?? []) as readonly string[]);
}
