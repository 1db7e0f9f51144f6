import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { isLoopback } from '../../domain/proc-net.ts';
import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe, type Seen } from '../probe.ts';
import { lender, modeOf, sharing } from './network-mode.ts';

export const listeners: readonly Probe[] = [
  {
    id: 'NET-09',
    group: 'network',
    title: 'The host’s network is not shared',
    attempt: 'Reads its network mode from the API, and its interfaces from beside it.',
    severity: 'critical',
    safety: 'read-only',
    reading:
      'The mode `host` is broken, also of the container whose network it is in; so is the bridge of one of the engine’s networks among its interfaces.',
    control: 'Its interfaces could be read; one that does not run has only what the API says.',
    judge: (facts) => {
      const { inspect, seen, host } = facts;
      const own = modeOf(inspect);
      const through = lender(facts);
      const bridges = new Set(host.networks.map(({ Id }) => `br-${Id.slice(0, 12)}`));
      const found = (seen?.interfaces ?? []).filter((name) => bridges.has(name));
      const said =
        own === 'host'
          ? 'it is in the network of the host'
          : `it is in the network of ${through?.Name.slice(1)}, which is in that of the host`;
      if (own === 'host' || (through !== null && modeOf(through) === 'host'))
        return broken(found.length === 0 ? said : `${said}: it has ${found.join(', ')}`);
      if (found.length > 0)
        return {
          ...broken(`it has ${found.join(', ')}, bridges of the host`),
          disagreement: `the API says that its network is ${inspect.HostConfig.NetworkMode}, and its interfaces are those of the host`,
        };
      if (seen === null && inspect.State.Status === 'created')
        return holds(`by the API its network is ${inspect.HostConfig.NetworkMode}; it does not run yet`);
      if (seen === null || seen.interfaces.length === 0) return inconclusive('by the API it is not, and its interfaces could not be read');
      return holds(`its network is ${inspect.HostConfig.NetworkMode.split(':')[0]}, its interfaces ${seen.interfaces.join(', ')}`);
    },
    weakness: { in: 'host-network' },
  },
  {
    id: 'NET-16',
    group: 'network',
    title: 'Nothing listens that is not declared',
    attempt:
      'Compares what listens on TCP and is bound on UDP in the original’s network with the ports that are exposed, published or allowed.',
    severity: 'medium',
    safety: 'read-only',
    reading:
      'A listener beyond those is broken. Those of loopback, which no other container reaches, are named and do not count. A UDP port of those that the kernel gives to who asks for any may be a client’s: inconclusive.',
    control: 'The kernel’s lists of TCP and UDP sockets could be read.',
    judge: (facts) =>
      ofOriginal(facts, (seen) => {
        if (modeOf(facts.inspect) === 'host')
          return inconclusive('it is in the network of the host, whose listeners are not told from its own');
        return undeclared(facts, seen);
      }),
    weakness: { in: 'listening' },
  },
  {
    id: 'NET-17',
    group: 'network',
    title: 'No SSH server runs',
    attempt: 'Looks for an SSH server among the original’s processes, and for a listener on port 22.',
    severity: 'low',
    safety: 'read-only',
    reading: 'Either is broken.',
    control: 'Its processes, its own first one among them, and the kernel’s list of sockets could be read.',
    judge: (facts) =>
      ofOriginal(facts, (seen) => {
        const { PidMode, NetworkMode } = facts.inspect.HostConfig;
        // those of a namespace that it shares may be another's
        const servers =
          (PidMode ?? '') === '' || PidMode === 'private' ? seen.processes.filter(({ argv }) => isSshServer(argv[0] ?? '')) : [];
        if (servers.length > 0) return broken(`an SSH server runs in it, as process ${servers.map(({ pid }) => pid).join(', ')}`);
        if (NetworkMode === 'host') return inconclusive('it is in the network of the host, whose listeners are not told from its own');
        if (seen.listeners.some(({ port, address }) => port === 22 && !isDockerResolver(address)))
          return broken('something listens on port 22');
        if (!seen.listenersRead || !seen.processesRead || !seen.processes.some(({ pid }) => pid === 1))
          return inconclusive('its processes and sockets could not be read');
        return holds(`none is among its processes, and nothing listens on port 22`);
      }),
    weakness: { in: 'listening' },
  },
];

function ofOriginal({ seen, inspect }: Facts, judge: (seen: Seen) => Answer): Answer {
  if (seen !== null) return judge(seen);
  if (inspect.State.Status === 'created') return notApplicable('it does not run yet, so nothing of it listens');
  return inconclusive('the running original could not be looked at');
}

function undeclared(facts: Facts, { listeners: tcp, listenersRead, datagrams: udp, anyPorts }: Seen): Answer {
  const others = sharing(facts);
  const all = [facts.inspect, ...others];
  const over = (protocol: 'tcp' | 'udp'): Ports => {
    const declared = new Set([...facts.allow.listeners, ...all.flatMap((one) => portsOf(one, protocol))]);
    const reached = portsIn((protocol === 'tcp' ? tcp : udp).filter(({ address }) => !isLoopback(address)));
    return { reached, extra: reached.filter((port) => !declared.has(port)) };
  };
  const [overTcp, overUdp] = [over('tcp'), over('udp')];
  const isAny = (port: number) => anyPorts !== null && port >= anyPorts[0] && port <= anyPorts[1];
  const extra = named(
    overTcp.extra,
    overUdp.extra.filter((port) => !isAny(port)),
  );
  if (extra.length > 0) {
    const whose = others.length === 0 ? '' : `; ${others.map(({ Name }) => Name.slice(1)).join(', ')} share its network`;
    return broken(`something listens on ${extra.join(', ')}, which it does not declare${whose}`);
  }
  if (!listenersRead || anyPorts === null)
    return inconclusive(`the kernel’s list of ${listenersRead ? 'UDP' : 'TCP'} sockets could not be read whole`);
  const clients = named([], overUdp.extra);
  if (clients.length > 0)
    return inconclusive(`whether ${clients.join(', ')}, which it does not declare, is a server’s or a client’s is not known`);
  const ofLoopback = (list: Seen['listeners']) => portsIn(list.filter(({ address }) => isOwnLoopback(address)));
  const loopback = named(ofLoopback(tcp), ofLoopback(udp));
  const also = loopback.length === 0 ? '' : `; on its loopback ${loopback.join(', ')}`;
  const reached = named(overTcp.reached, overUdp.reached);
  return holds(reached.length === 0 ? `nothing listens on TCP or UDP${also}` : `it listens on ${reached.join(', ')}, all declared${also}`);
}

interface Ports {
  readonly reached: readonly number[];
  /** Of these, those that are not declared. */
  readonly extra: readonly number[];
}

function portsIn(list: Seen['listeners']): number[] {
  return [...new Set(list.map(({ port }) => port))].toSorted((a, b) => a - b);
}

function named(tcp: readonly number[], udp: readonly number[]): string[] {
  return [...tcp.map(String), ...udp.map((port) => `${port}/udp`)];
}

/** Exposed, or published. */
function portsOf({ Config, HostConfig }: ContainerInspect, wanted: 'tcp' | 'udp'): number[] {
  const keys = [...Object.keys((Config.ExposedPorts ?? {}) as object), ...Object.keys(HostConfig.PortBindings ?? {})];
  return keys.flatMap((key) => {
    const [port = '', protocol = 'tcp'] = key.split('/');
    const [from = 0, to = from] = port.split('-').map(Number);
    return protocol === wanted ? Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) => from + i) : [];
  });
}

/** Docker's own name service listens there, in every network namespace with a network of the user's. */
function isDockerResolver(address: string): boolean {
  return address === '127.0.0.11';
}

function isOwnLoopback(address: string): boolean {
  return isLoopback(address) && !isDockerResolver(address);
}

/** `/usr/sbin/sshd`, `sshd: /usr/sbin/sshd -D [listener] …` */
function isSshServer(program: string): boolean {
  const name = program.split(/[\s:]/)[0]?.split('/').at(-1) ?? '';
  return ['sshd', 'sshd-session', 'dropbear', 'tinysshd'].includes(name);
}
