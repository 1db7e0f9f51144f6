import { randomBytes } from 'node:crypto';
import type { ComposeService } from '../../config/compose/service.ts';
import type { ContainerInspect, CreateBody } from '../../domain/engine/containers.ts';
import type { ImageInspect } from '../../domain/engine/images.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, FailedError, InconclusiveError } from '../../domain/errors.ts';
import { asTarget, labels as labelNames, type Target } from '../../domain/target.ts';
import { withoutCounting } from '../clone/spec.ts';
import { type Labels, ownLabels } from '../own.ts';
import { type Made, removeMade } from './removal.ts';
import { asDeclared } from './view.ts';

/** What a container is made of that is looked at and never started: a service of a Compose file, or an image alone. */
export type SubjectSpec = Pick<ComposeService, 'name' | 'body' | 'labels' | 'modes' | 'networks' | 'binds' | 'volumes'>;

export interface SubjectOptions {
  readonly runId: string;
  /** The database's id. */
  readonly instance: string;
  /** UTC ms. */
  readonly now: number;
  /** ms after which a sweep takes what a crash left. */
  readonly expiresMs: number;
  /** Compose's name for the whole; null for an image alone. */
  readonly project: string | null;
  /** Told of each thing that was made and could not be removed. */
  readonly onLeft: (sentence: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Subjects {
  /** Their `inspect.State.Status` is `created`. */
  readonly targets: readonly Target[];
  /** Removes them, and what was made for them; what is gone already is fine, and `onLeft` hears of what cannot be removed. */
  remove(): Promise<void>;
}

type Hands = Pick<
  Engine,
  'create' | 'remove' | 'inspect' | 'inspectImage' | 'connect' | 'createVolume' | 'removeVolume' | 'createNetwork' | 'removeNetwork'
>;

/**
 * A container for each spec, created and never started, on internal networks and volumes of ours: the engine's own answer to what it was asked
 * for. Folders of the host are left out of it and only stand in its `inspect`: an engine makes a missing one not when a container is created, but
 * already when somebody asks for a file in it. Its restart policy too, which an engine might obey when it starts. Whatever goes wrong, nothing of it is
 * left, or `onLeft` hears of it.
 *
 * @throws FailedError `subject` when the engine does not take one; InconclusiveError `subject` when it makes no network or volume for them, which says
 * nothing of them; the signal's reason; the engine's error when that is lost.
 */
export async function makeSubjects(engine: Hands, specs: readonly SubjectSpec[], options: SubjectOptions): Promise<Subjects> {
  const { signal, project, onLeft } = options;
  const stem = `pitwall-subject-${randomBytes(4).toString('hex')}`;
  const labels = ownLabels({ ...options, role: 'subject', expiresAt: options.now + options.expiresMs });
  const made: Made = { containers: [], volumes: [], networks: [] };
  try {
    const volumes = new Map<string, string>();
    for (const name of new Set(specs.flatMap((spec) => spec.volumes.flatMap((volume) => volume.name ?? [])))) {
      signal?.throwIfAborted();
      volumes.set(name, `${stem}-${name}`);
      made.volumes.push(`${stem}-${name}`);
      await engine.createVolume(`${stem}-${name}`, labels).catch(withoutRoom(`volume ${name}`));
    }
    const networks = new Map<string, string>();
    for (const name of new Set(specs.flatMap((spec) => spec.networks.map((network) => network.name)))) {
      signal?.throwIfAborted();
      networks.set(name, `${stem}-${name}`);
      made.networks.push(`${stem}-${name}`);
      await engine.createNetwork(`${stem}-${name}`, { Internal: true, Labels: labels }).catch(withoutRoom(`network ${name}`));
    }
    const ids = new Map<string, string>();
    const targets: Target[] = [];
    for (const spec of inOrder(specs)) {
      signal?.throwIfAborted();
      const image = await engine.inspectImage(spec.body.Image, { signal }).catch(refusing(spec));
      const name = `${stem}-${spec.name}`;
      made.containers.push(name);
      // without a signal: a creation that is cut off may have happened, and then nobody knows of it
      const { id } = await engine.create(name, bodyOf(spec, image, { labels, volumes, networks, ids })).catch(refusing(spec));
      // before API 1.44 creation takes one network only
      for (const network of spec.networks.slice(1))
        await engine.connect(networks.get(network.name) as string, id, endpointOf(spec, network)).catch(refusing(spec));
      ids.set(spec.name, id);
      targets.push(targetOf(spec, await engine.inspect(id, { signal }).catch(refusing(spec)), project));
    }
    return { targets: targets.sort((a, b) => (a.name < b.name ? -1 : 1)), remove: () => removeMade(engine, made, onLeft) };
  } catch (error) {
    await removeMade(engine, made, onLeft);
    throw error;
  }
}

interface Ours {
  readonly labels: Labels;
  readonly volumes: ReadonlyMap<string, string>;
  readonly networks: ReadonlyMap<string, string>;
  readonly ids: ReadonlyMap<string, string>;
}

function bodyOf(spec: SubjectSpec, image: ImageInspect, { labels, volumes, networks, ids }: Ours): CreateBody {
  const named = spec.volumes.filter((volume) => volume.name !== null);
  const mounts = named.map(({ name, target, readOnly }) => ({
    Type: 'volume',
    Source: volumes.get(name as string),
    Target: target,
    ReadOnly: readOnly,
    // nothing runs in it that could read a copy
    VolumeOptions: { NoCopy: true },
  }));
  const nameless = spec.volumes.filter((volume) => volume.name === null);
  const mode = (value: string | null) => value?.replace(/^service:(.*)$/, (_all, name: string) => `container:${idOf(name, ids)}`);
  const [network] = spec.networks;
  const first = network === undefined ? null : (networks.get(network.name) as string);
  return {
    ...spec.body,
    Labels: { ...withoutCounting(image), ...labels },
    ...(nameless.length > 0 ? { Volumes: Object.fromEntries(nameless.map(({ target }) => [target, {}])) } : {}),
    HostConfig: {
      ...spec.body.HostConfig,
      Mounts: [...((spec.body.HostConfig?.Mounts ?? []) as object[]), ...mounts],
      RestartPolicy: { Name: 'no' },
      AutoRemove: false,
      NetworkMode: mode(spec.modes.network) ?? first ?? 'none',
      ...(spec.modes.pid === null ? {} : { PidMode: mode(spec.modes.pid) }),
      ...(spec.modes.ipc === null ? {} : { IpcMode: mode(spec.modes.ipc) }),
    },
    ...(first === null || network === undefined ? {} : { NetworkingConfig: { EndpointsConfig: { [first]: endpointOf(spec, network) } } }),
  };
}

/** A Compose file is refused before it comes to this: a `container:` of nothing would be looked for by its name. */
function idOf(name: string, ids: ReadonlyMap<string, string>): string {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`${name}, whose namespace is to be shared, is not made`);
  return id;
}

function endpointOf({ name }: SubjectSpec, { aliases }: SubjectSpec['networks'][number]): { readonly Aliases: readonly string[] } {
  return { Aliases: [name, ...aliases] };
}

/** Each after those whose namespaces it shares. */
function inOrder(specs: readonly SubjectSpec[]): readonly SubjectSpec[] {
  const order: SubjectSpec[] = [];
  const seen = new Set<string>();
  const visit = (spec: SubjectSpec) => {
    if (seen.has(spec.name)) return;
    seen.add(spec.name);
    for (const mode of [spec.modes.network, spec.modes.pid, spec.modes.ipc]) {
      const other = specs.find(({ name }) => mode === `service:${name}`);
      if (other !== undefined) visit(other);
    }
    order.push(spec);
  };
  for (const spec of specs) visit(spec);
  return order;
}

function targetOf(spec: SubjectSpec, inspect: ContainerInspect, project: string | null): Target {
  const own = Object.fromEntries(
    Object.entries(inspect.Config.Labels ?? {}).filter(([name]) => !name.startsWith('pitwall.') && !name.startsWith('com.docker.')),
  );
  const compose = project === null ? {} : { [labelNames.composeProject]: project, [labelNames.composeService]: spec.name };
  return asTarget(asDeclared(inspect, spec, { ...own, ...spec.labels, ...compose }));
}

function refusing({ name, body }: SubjectSpec): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof EngineError) || error.lost) throw error;
    throw new FailedError('subject', `the engine would not make a container of ${name} (${body.Image}): ${error.message}`, {
      cause: error,
    });
  };
}

/** Ours, in place of theirs: that there is no address left for it is no failure of what is tested. */
function withoutRoom(what: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof EngineError) || error.lost) throw error;
    throw new InconclusiveError('subject', `the engine would not make the ${what} for what is tested: ${error.message}`, { cause: error });
  };
}
