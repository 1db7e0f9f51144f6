import { inspectEach } from '../../container/inspect-each.ts';
import { isPitwalls } from '../../container/own.ts';
import type { ContainerInspect, ContainerSummary } from '../../domain/engine/containers.ts';
import type { NetworkInspect } from '../../domain/engine/networks.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, InconclusiveError } from '../../domain/errors.ts';
import { asTarget, isSkipped, labels, serviceKey, type Target } from '../../domain/target.ts';
import { linkLocal } from '../../probes/addresses.ts';
import { enginePort, type Port } from './ports.ts';

/** A container as a point of the graph. */
export interface Place {
  readonly id: string;
  readonly name: string;
  /** What the policy and the matrix call it. */
  readonly service: string;
  /** It, or one that lives in its network, is a target of the run and has opted in: its namespace may be entered. */
  readonly target: Target | null;
  /** Labelled `pitwall.skip`: nothing is connected to it. */
  readonly skip: boolean;
  readonly addresses: readonly Address[];
  /** By its image, its command line or its publishing. */
  readonly declared: readonly Port[];
  readonly published: readonly Published[];
  /** Ids of its networks. */
  readonly networks: readonly string[];
  /** Names of those that live in its network, by which it may be called too. */
  readonly alsoCalled: readonly string[];
  /** Targets that live in its network; itself, where it is one. */
  readonly targets: readonly Target[];
  readonly hostNetwork: boolean;
  readonly inspect: ContainerInspect;
}

export interface Address {
  readonly network: string;
  readonly address: string;
  /** `link`: known on its own network only, and there it needs the sender's interface. */
  readonly scope: 'global' | 'link';
}

export interface Published extends Port {
  /** An address of the host, or all of them. */
  readonly hostIp: string;
  readonly hostPort: number;
}

export interface World {
  readonly places: readonly Place[];
  readonly networks: ReadonlyMap<string, NetworkInspect>;
  /** Of every running container: behind such a port of the host is a container. */
  readonly published: readonly Published[];
  /** Ports of the host that are passed on to containers elsewhere: theirs, and so not tried. */
  readonly elsewhere: readonly Published[];
  /** Declared by containers that are labelled `pitwall.skip` and live in the host's network: at the host's addresses they are theirs. */
  readonly skippedAtHost: readonly Port[];
  /** Those of which the engine says nothing; `near`: of a target's project, or on one of its networks. */
  readonly silent: readonly { readonly name: string; readonly near: boolean }[];
  /** What may be named although it does not run now. */
  readonly stopped: readonly string[];
}

/** Who there is: the targets, and every running container of their projects and on their networks; never a helper of ours. */
export async function lookAround(engine: Engine, targets: readonly Target[], signal: AbortSignal): Promise<World> {
  const [all, networks] = await Promise.all([engine.list({ all: true }, { signal }), engine.networks({}, { signal })]);
  const projects = new Set(targets.map(({ project }) => project).filter((project) => project !== null));
  const theirs = new Set(
    targets.flatMap(({ inspect }) => Object.keys(inspect.NetworkSettings.Networks)).filter((name) => !shared.has(name)),
  );
  const targetIds = new Set(targets.map(({ id }) => id));
  const strangers = all.filter((one) => !targetIds.has(one.id) && !isOurs(one));
  const near = strangers.filter(
    (one) => projects.has(one.labels[labels.composeProject] ?? '') || one.networks.some((network) => theirs.has(network)),
  );
  const running = strangers.filter(({ state }) => state === 'running' || state === 'paused');
  const { found, silent } = await inspectEach(engine, running, signal);
  refuseSilent(silent);
  const known = found.map(asTarget);
  const others = withLodgers(targets, known, new Set(near.map(({ id }) => id)));
  const name = namer([...targets, ...others], targets[0]?.project ?? null);
  const places = oneForEachNamespace([
    ...targets.map((target) => placeOf(target, name(target), target)),
    ...others.map((other) => placeOf(other, name(other), null)),
  ]);
  const runs = new Set(places.map(({ service }) => service));
  const stopped = near
    .filter(({ state }) => state !== 'running' && state !== 'paused')
    .map((one) => one.labels[labels.composeService] ?? one.name);
  return {
    places: places.toSorted((a, b) => (a.service === b.service ? (a.name < b.name ? -1 : 1) : a.service < b.service ? -1 : 1)),
    networks: new Map(networks.map((network) => [network.Id, network])),
    published: [...targets, ...known].flatMap(({ inspect }) => publishedBy(inspect)),
    elsewhere: known.filter((one) => !others.includes(one)).flatMap(({ inspect }) => publishedBy(inspect)),
    skippedAtHost: known
      .filter((one) => isSkipped(one.labels) && one.inspect.HostConfig.NetworkMode === 'host')
      .flatMap(({ inspect }) => declaredBy(inspect)),
    silent: silent.map(({ name, id }) => ({ name, near: near.some((one) => one.id === id) })),
    stopped: [...new Set(stopped)].filter((service) => !runs.has(service)),
  };
}

/** The ports of the host that lead to it are not known, and none of them may be connected to. */
function refuseSilent(silent: readonly ContainerSummary[]): void {
  const left = silent.find((one) => isSkipped(one.labels));
  if (left === undefined) return;
  throw new InconclusiveError('skip_unknown', `${left.name} is labelled pitwall.skip, and the engine does not say which ports lead to it`, {
    hint: `see why \`docker inspect ${left.name}\` does not answer`,
  });
}

/** Those that are near, and whoever lives in the network of one of them or of a target, of whatever project. */
function withLodgers(targets: readonly Target[], known: readonly Target[], near: ReadonlySet<string>): Target[] {
  const found = known.filter(({ id }) => near.has(id));
  for (let more = found; more.length > 0; ) {
    const hosts = new Set([...targets, ...found].flatMap(({ id, name }) => [`container:${id}`, `container:${name}`]));
    more = known.filter((one) => !found.includes(one) && hosts.has(one.inspect.HostConfig.NetworkMode));
    found.push(...more);
  }
  return found;
}

/** Those that live in another's network are part of that one: there is no wall between them, and they have no address of their own. */
function oneForEachNamespace(all: readonly Place[]): Place[] {
  const ownerOf = (place: Place): Place => {
    const mode = place.inspect.HostConfig.NetworkMode;
    const owner = mode.startsWith('container:')
      ? all.find(({ id, name }) => [id, name].includes(mode.slice('container:'.length)))
      : undefined;
    return owner === undefined || owner === place ? place : ownerOf(owner);
  };
  const living = new Map<Place, Place[]>();
  for (const place of all) living.set(ownerOf(place), [...(living.get(ownerOf(place)) ?? []), place]);
  return [...living].map(([owner, within]) => {
    const targets = within.flatMap((one) => one.targets);
    return {
      ...owner,
      target: owner.target ?? targets[0] ?? null,
      targets,
      skip: within.some(({ skip }) => skip),
      declared: within.flatMap(({ declared }) => declared),
      alsoCalled: within.filter((one) => one !== owner).flatMap(({ service, name }) => [service, name]),
    };
  });
}

/** Networks that every container may be on without belonging together. */
const shared: ReadonlySet<string> = new Set(['none', 'host']);

export function isOurs(one: Pick<ContainerSummary, 'labels'>): boolean {
  return isPitwalls(one.labels);
}

/** Null when it is gone. */
export async function inspected(engine: Engine, id: string, signal?: AbortSignal): Promise<ContainerInspect | null> {
  try {
    return await engine.inspect(id, { signal });
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not_found') return null;
    throw error;
  }
}

/** The service's name; with its project before it where two of that name are meant, but for the one of the first target's project. */
function namer(all: readonly Target[], project: string | null): (one: Target) => string {
  const keys = new Map<string, Set<string>>();
  for (const one of all) keys.set(one.service ?? one.name, (keys.get(one.service ?? one.name) ?? new Set()).add(serviceKey(one)));
  return (one) => {
    const name = one.service ?? one.name;
    return (keys.get(name)?.size ?? 0) > 1 && one.project !== project && one.project !== null ? `${one.project}/${name}` : name;
  };
}

function placeOf({ inspect, id, name, labels: all }: Target, service: string, target: Target | null): Place {
  const endpoints = Object.entries(inspect.NetworkSettings.Networks).filter(([network]) => !shared.has(network));
  return {
    id,
    name,
    service,
    target,
    targets: target === null ? [] : [target],
    alsoCalled: [],
    skip: isSkipped(all),
    addresses: endpoints.flatMap(([, end]) => {
      const global = [end.IPAddress, end.GlobalIPv6Address ?? ''].filter((address) => address !== '');
      // where IPv6 is off the interface has no such address, and the kernel says so at once
      const link = (end.GlobalIPv6Address ?? '') === '' ? null : linkLocal(end.MacAddress);
      return [
        ...global.map((address) => ({ network: end.NetworkID, address, scope: 'global' as const })),
        ...(link === null ? [] : [{ network: end.NetworkID, address: link, scope: 'link' as const }]),
      ];
    }),
    declared: declaredBy(inspect),
    published: publishedBy(inspect),
    networks: endpoints.map(([, end]) => end.NetworkID),
    hostNetwork: inspect.HostConfig.NetworkMode === 'host',
    inspect,
  };
}

function declaredBy(inspect: ContainerInspect): Port[] {
  const { ExposedPorts } = inspect.Config as { readonly ExposedPorts?: Readonly<Record<string, unknown>> | null };
  const names = new Set([...Object.keys(ExposedPorts ?? {}), ...Object.keys(bindings(inspect))]);
  return [...names].map(enginePort).filter((port) => port !== null);
}

function publishedBy(inspect: ContainerInspect): Published[] {
  return Object.entries(bindings(inspect)).flatMap(([name, given]) => {
    const port = enginePort(name);
    return port === null ? [] : (given ?? []).map(({ HostIp, HostPort }) => ({ ...port, hostIp: HostIp, hostPort: Number(HostPort) }));
  });
}

function bindings(inspect: ContainerInspect): ContainerInspect['HostConfig']['PortBindings'] & object {
  return (inspect.NetworkSettings.Ports ?? {}) as NonNullable<ContainerInspect['HostConfig']['PortBindings']>;
}
