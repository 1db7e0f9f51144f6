import { randomBytes } from 'node:crypto';
import { putFiles } from '../../container/clone/tools.ts';
import type { ContainerInspect, CreateBody } from '../../domain/engine/containers.ts';
import type { FileChange } from '../../domain/engine/files.ts';
import { stepsOf } from '../dummy.ts';
import { executablesOf } from '../executables.ts';
import { createdBy } from '../gather.ts';
import { lastLogs } from '../last-logs.ts';
import type { Facts, Ground, Outside, Probe, Seen, StepResult } from '../probe.ts';
import { commandFor, type ScriptStep, scriptOf, toolsPath } from '../script.ts';
import { readSeen, seenSteps } from '../seen.ts';
import { newNonce, startOnce } from '../start-once.ts';
import { labelsOf, type Workshop } from '../tools.ts';
import type { WeakDummy } from './weak-dummy.ts';

export interface Planted
  extends Pick<Facts, 'inspect' | 'image' | 'named' | 'history' | 'changes' | 'executables' | 'sockets' | 'outside' | 'others' | 'logs'> {
  /** Why the weakness is not there after all; null: it is. */
  readonly lacking: string | null;
  readonly results: ReadonlyMap<string, StepResult>;
  readonly steps: readonly ScriptStep[];
  readonly seen: Seen | null;
}

export interface PlantOptions {
  readonly socketVolume: string | null;
  readonly outside: Outside | null;
  readonly mark: string | null;
}

const seconds = 45;
const needed = 'weak/needs';

/** Makes one weak dummy, lets the probes at it, and leaves nothing. Throws what the engine says when this host cannot have such a container. */
export async function plant(shop: Workshop, weak: WeakDummy, probes: readonly Probe[], options: PlantOptions): Promise<Planted> {
  const made = weak.image === undefined ? null : await makeImage(shop, weak.image);
  try {
    return await inImage(shop, weak, probes, options, made ?? { reference: shop.helperImage, moveTag: null });
  } finally {
    for (const id of made?.ids ?? []) await shop.engine.removeImage(id);
  }
}

async function inImage(
  shop: Workshop,
  weak: WeakDummy,
  probes: readonly Probe[],
  options: PlantOptions,
  { reference, moveTag }: Pick<MadeImage, 'reference' | 'moveTag'>,
): Promise<Planted> {
  const { engine, signal } = shop;
  const [image, history] = await Promise.all([engine.inspectImage(reference, { signal }), engine.imageHistory(reference, { signal })]);
  // it is on no network: what is outside of it is what it says that is
  const outside = options.outside === null || weak.outside === undefined ? null : { decoy: weak.outside, answers: true };
  const about = { image, outside, sockets: [], history: createdBy(history) };
  const name = `pitwall-weak-${weak.name}-${randomBytes(4).toString('hex')}`;
  let changes: readonly FileChange[] | null = null;
  let executables: readonly string[] | null = null;
  let logs: string | null = null;
  const onCreated = async (id: string) => {
    const files = (weak.files ?? []).map(({ path, content, mode }) => ({ path, content: Buffer.from(content), mode }));
    if (files.length > 0) await putFiles(engine, id, '/', files);
    changes = await engine.changes(id, { signal });
    executables = await executablesOf(engine, { Id: id, Mounts: [] }, changes, signal);
    await moveTag?.();
  };
  if (weak.how === 'declared') {
    const { id } = await engine.create(name, bodyOf(shop, weak, options, reference, null));
    try {
      await onCreated(id);
      const inspect = claimed(await engine.inspect(id, { signal }), weak);
      const others = weak.twin === true ? [await twinOf(shop, `${name}-twin`, bodyOf(shop, weak, options, reference, null))] : [];
      const named = (await engine.inspectImage(reference, { signal })).Id;
      return { ...about, inspect, named, others, logs: '', changes, executables, results: new Map(), steps: [], seen: null, lacking: null };
    } finally {
      await engine.remove(id, { force: true, anonymousVolumes: true });
    }
  }
  const ground: Ground = {
    inspect: intended(weak),
    image,
    scratch: weak.socketAt === undefined ? [] : [weak.socketAt],
    gateways: weak.gateways ?? [],
    outside,
    mark: options.mark,
  };
  const needs = weak.needs === undefined ? [] : [{ key: needed, name: needed, run: weak.needs.run }];
  const steps = [...needs, ...seenSteps, ...stepsOf(probes, ground)];
  const nonce = newNonce();
  const script = scriptOf(steps, nonce, { setUp: weak.setUp });
  const once = await startOnce(shop, {
    name,
    body: bodyOf(shop, weak, options, reference, commandFor(script, seconds)),
    steps,
    nonce,
    timeoutMs: (seconds + 15) * 1_000,
    onCreated,
    onEnded: async (id) => {
      logs = await lastLogs(engine, id, signal);
    },
  });
  const lacking = (once.results.get(needed)?.exitCode ?? 0) === 0 ? null : (weak.needs?.lacking ?? null);
  const inspect = claimed(once.inspect, weak);
  const { results } = once;
  return { ...about, inspect, named: image.Id, others: [], logs, changes, executables, results, steps, seen: readSeen(results), lacking };
}

function bodyOf(
  shop: Workshop,
  weak: WeakDummy,
  { socketVolume }: PlantOptions,
  image: string,
  command: readonly string[] | null,
): CreateBody {
  const tools = 'volume' in shop.tools && command !== null ? [volumeAt(shop.tools.volume, toolsPath, true)] : [];
  const socket = weak.socketAt !== undefined && socketVolume !== null ? [volumeAt(socketVolume, weak.socketAt, false)] : [];
  return {
    Image: image,
    ...(command === null ? { Entrypoint: ['/never-started'], Cmd: [] } : { Entrypoint: command, Cmd: [] }),
    ...weak.config,
    Labels: { ...(weak.config?.Labels as object | undefined), ...labelsOf(shop, 'weak') },
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: 'none',
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
      // a weakness that is run is bounded all the same
      ...(command === null ? {} : { Memory: 256 * 1024 * 1024, MemorySwap: 256 * 1024 * 1024, PidsLimit: 512, NanoCpus: 1_000_000_000 }),
      ...weak.host,
      Mounts: [...tools, ...socket],
    },
  };
}

/** What steps may ask of a container that is not made yet. */
function intended({ host = {}, config = {}, claims = {} }: WeakDummy): ContainerInspect {
  return {
    HostConfig: { NetworkMode: 'none', ...host, ...claims },
    Config: { User: '', ...config },
    Mounts: [],
    NetworkSettings: { Networks: {} },
  } as unknown as ContainerInspect;
}

function claimed(inspect: ContainerInspect, { claims = {} }: WeakDummy): ContainerInspect {
  return { ...inspect, HostConfig: { ...inspect.HostConfig, ...claims } };
}

function volumeAt(volume: string, path: string, readOnly: boolean) {
  return { Type: 'volume', Source: volume, Target: path, ReadOnly: readOnly };
}

/** Made as it is, looked at, and removed. */
async function twinOf({ engine, signal }: Workshop, name: string, body: CreateBody): Promise<ContainerInspect> {
  const { id } = await engine.create(name, body);
  try {
    return await engine.inspect(id, { signal });
  } finally {
    await engine.remove(id, { force: true, anonymousVolumes: true });
  }
}

interface MadeImage {
  /** To be removed. */
  readonly ids: string[];
  readonly reference: string;
  /** Gives its tag to another image; null: it has none. */
  readonly moveTag: (() => Promise<void>) | null;
}

async function makeImage(shop: Workshop, image: NonNullable<WeakDummy['image']>): Promise<MadeImage> {
  const tag = image.moved === true ? `pitwall-weak-${randomBytes(4).toString('hex')}` : null;
  const id = await commitImage(shop, image, tag);
  if (tag === null) return { ids: [id], reference: id, moveTag: null };
  const ids = [id];
  const moveTag = async () => {
    ids.push(await commitImage(shop, { ...image, createdBy: ['moved'] }, tag));
  };
  return { ids, reference: tag, moveTag };
}

/** Committed from a container that is never started: its command is what the image's history then says. The image's id. */
async function commitImage(
  shop: Workshop,
  { changes, createdBy }: NonNullable<WeakDummy['image']>,
  reference: string | null,
): Promise<string> {
  const { engine, signal } = shop;
  const labels = labelsOf(shop, 'weak');
  const { id } = await engine.create(`pitwall-weak-image-${randomBytes(4).toString('hex')}`, {
    Image: shop.helperImage,
    Entrypoint: [],
    Cmd: createdBy,
    Labels: labels,
    HostConfig: { NetworkMode: 'none' },
  });
  try {
    return await engine.commit(id, {
      signal,
      ...(reference === null ? {} : { reference: `${reference}:latest` }),
      changes: [...changes, ...Object.entries(labels).map(([name, value]) => `LABEL ${name}="${value}"`)],
    });
  } finally {
    await engine.remove(id, { force: true, anonymousVolumes: true });
  }
}
