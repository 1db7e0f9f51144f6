import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { type Answer, broken, type Facts, holds, notApplicable, type Probe } from '../probe.ts';
import { modeOf } from './network-mode.ts';

export const published: readonly Probe[] = [
  {
    id: 'NET-07',
    group: 'network',
    title: 'Ports are published on chosen addresses only',
    attempt: 'Reads from the API on which addresses of the host its ports are published.',
    severity: 'high',
    safety: 'read-only',
    reading: 'A port on every address of the host (0.0.0.0, :: or none named) is broken unless `allow.publishedPorts` has it.',
    control: 'The API lists the ports; those of a container that does not run are those that it was created with.',
    judge: (facts) =>
      ofPorts(facts, ({ hostPort }) => !facts.allow.publishedPorts.includes(hostPort ?? 0), {
        bad: (binding) => everywhere.includes(addressOf(facts, binding)),
        broken: 'is published on every address of the host',
        holds: 'no port is published on every address of the host',
      }),
    weakness: { in: 'published' },
  },
  {
    id: 'NET-08',
    group: 'network',
    title: 'No privileged port of the host is published',
    attempt: 'Reads from the API which ports of the host are given to it.',
    severity: 'low',
    safety: 'read-only',
    reading: 'A port of the host below 1024 is broken unless `allow.publishedPorts` has it.',
    control: 'The API lists the ports; those of a container that does not run are those that it was created with.',
    judge: (facts) =>
      ofPorts(facts, ({ hostPort }) => !facts.allow.publishedPorts.includes(hostPort ?? 0), {
        bad: ({ hostPort }) => hostPort !== null && hostPort < 1_024,
        broken: 'takes a privileged port of the host',
        holds: 'no port of the host below 1024 is published',
      }),
    weakness: { in: 'published' },
  },
  {
    id: 'NET-10',
    group: 'network',
    title: 'The default bridge is not used',
    attempt: 'Reads from the API which networks it is on.',
    severity: 'low',
    safety: 'read-only',
    reading: 'On `bridge`, where all that name no network meet, it is broken.',
    control: 'The API lists its networks.',
    judge: ({ inspect }) => {
      const names = Object.keys(inspect.NetworkSettings.Networks);
      const usual = names.includes('bridge') || (names.length === 0 && ['default', 'bridge', ''].includes(inspect.HostConfig.NetworkMode));
      if (usual) return broken('it is on the default bridge, beside all containers that name no network');
      const mode = modeOf(inspect);
      if (mode === 'host' || mode === 'container')
        return notApplicable(`it has no network of its own: ${inspect.HostConfig.NetworkMode.split(':')[0]}`);
      return holds(names.length === 0 || mode === 'none' ? 'it is on no network' : `it is on ${names.join(', ')}`);
    },
    weakness: { in: 'published' },
  },
  {
    id: 'NET-18',
    group: 'network',
    title: 'Overlay networks are encrypted',
    attempt: 'Reads from the API the options of its overlay networks.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'An overlay network without `encrypted` is broken; where there is none it does not apply.',
    control: 'The API names the driver of each of its networks.',
    judge: ({ inspect, host }) => {
      const names = Object.keys(inspect.NetworkSettings.Networks);
      const overlays = host.networks.filter(({ Name, Driver }) => Driver === 'overlay' && names.includes(Name));
      if (overlays.length === 0) return notApplicable('it is on no overlay network');
      const plain = overlays.filter(({ Options }) => !isEncrypted(Options ?? {}));
      if (plain.length > 0) return broken(`${plain.map(({ Name }) => Name).join(', ')}: what passes between hosts can be read on the way`);
      return holds(`${overlays.map(({ Name }) => Name).join(', ')} encrypted`);
    },
    weakness: { none: 'an overlay network needs a swarm, which no run makes of an engine' },
  },
];

interface Binding {
  /** `8080/tcp` */
  readonly inside: string;
  /** `` where none is named. */
  readonly hostIp: string;
  /** Null: one that the engine picks. */
  readonly hostPort: number | null;
}

/** What is published, or, where it does not run, what will be. */
export function bindingsOf(inspect: ContainerInspect): Binding[] {
  const ports = (inspect.NetworkSettings.Ports ?? {}) as Readonly<Record<string, readonly RawBinding[] | null>>;
  const live = Object.entries(ports).flatMap(([inside, list]) => (list ?? []).map((one) => binding(inside, one)));
  if (live.length > 0 || inspect.State?.Running === true) return live;
  const asked = Object.entries(inspect.HostConfig.PortBindings ?? {}).flatMap(([inside, list]) =>
    (list ?? []).map((one) => binding(inside, one)),
  );
  if (inspect.HostConfig.PublishAllPorts !== true) return asked;
  const all = Object.keys((inspect.Config.ExposedPorts ?? {}) as object).filter((inside) => !asked.some((one) => one.inside === inside));
  return [...asked, ...all.map((inside) => ({ inside, hostIp: '', hostPort: null }))];
}

interface RawBinding {
  readonly HostIp?: string;
  readonly HostPort?: string;
}

function binding(inside: string, { HostIp = '', HostPort = '' }: RawBinding): Binding {
  const port = Number(HostPort.split('-')[0]);
  return { inside, hostIp: HostIp, hostPort: port > 0 ? port : null };
}

const everywhere = ['0.0.0.0', '::'];

/** Where none is named, the network's option says it, else it is all of them. */
function addressOf({ inspect, host }: Facts, { hostIp }: Binding): string {
  if (hostIp !== '') return hostIp;
  const names = Object.keys(inspect.NetworkSettings.Networks);
  const said = host.networks
    .filter(({ Name }) => names.includes(Name))
    .map(({ Options }) => Options?.['com.docker.network.bridge.host_binding_ipv4']);
  return said.find((address) => address !== undefined && address !== '') ?? '0.0.0.0';
}

function ofPorts(
  facts: Facts,
  counts: (binding: Binding) => boolean,
  { bad, ...say }: { bad(binding: Binding): boolean; readonly broken: string; readonly holds: string },
): Answer {
  const mode = modeOf(facts.inspect);
  if (mode === 'host' || mode === 'container')
    return notApplicable(`it publishes nothing itself: it is in the network of ${mode === 'host' ? 'the host' : 'another container'}`);
  const all = bindingsOf(facts.inspect);
  const found = all.filter((one) => counts(one) && bad(one));
  if (found.length > 0) return broken(`${[...new Set(found.map(written))].join(', ')} ${say.broken}`);
  const fine = all.map(written);
  return holds(fine.length === 0 ? 'it publishes no port' : `${say.holds}, or it is allowed: ${[...new Set(fine)].join(', ')}`);
}

function written({ inside, hostIp, hostPort }: Binding): string {
  return `${hostIp === '' ? '*' : hostIp}:${hostPort ?? 'any'}→${inside}`;
}

function isEncrypted(options: Readonly<Record<string, string>>): boolean {
  const value = options.encrypted;
  return value !== undefined && value !== 'false';
}
