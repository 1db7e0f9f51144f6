import { isIPv6 } from 'node:net';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { isLoopback } from '../../domain/proc-net.ts';
import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe, type StepResult } from '../probe.ts';
import { whole } from '../read.ts';
import { modeOf } from './network-mode.ts';
import { bindingsOf } from './network-published.ts';

/** Of remote control, of engines, of databases and of what shows metrics. */
const ports = [22, 80, 2375, 2376, 2377, 3000, 5432, 6379, 8080, 9100, 9323];
const enginePorts = [2375, 2376];

export const gateway: readonly Probe[] = [
  {
    id: 'NET-05',
    group: 'network',
    title: 'Services of the host are closed to it',
    attempt: `Connects to the gateway of each of its networks, which is the host, at ${ports.join(', ')}; also of internal networks.`,
    severity: 'high',
    safety: 'stays-on-host',
    reading:
      'A connection is broken, unless a container publishes that port: that is NET-06’s. Refused and dropped hold, where the gateway is seen to be there.',
    control:
      'Every gateway was asked all, and refuses a connection or is a neighbour on its network; or the network gives the host no address by its own setting.',
    steps: ({ gateways }) =>
      gateways.length === 0
        ? []
        : [
            {
              name: 'connect',
              aside: true,
              seconds: 4 + 2 * gateways.length,
              // one network after the other: a dummy has few processes
              run: onEach(
                gateways,
                `for p in ${ports.join(' ')}; do { o=$($B nc -w 1 $g $p -e $B true 2>&1); r=$?; o=\${o##*: }; echo "$g $p $r \${o#Connection }"; } & done; wait`,
              ),
            },
          ],
    judge: (facts) => {
      const result = facts.step('connect');
      if (result === null) return modeOf(facts.inspect) === 'host' ? onHost(facts) : withoutGateway(facts);
      const tries = triesOf(result);
      const open = tries.filter(({ said }) => said === '0');
      const own = open.filter(({ address, port }) => !isPublished(facts, address, port));
      if (own.length > 0) return broken(`the host answers at ${own.map(({ address, port }) => `${address}:${port}`).join(', ')}`);
      const lost = unanswered(facts, result, tries, ports);
      if (lost !== null) return inconclusive(lost);
      const besides = open.length === 0 ? '' : `; open are only ports that containers publish (${listed(open)}), which NET-06 judges`;
      return whole(
        holds(`no service of the host answers at ${[...new Set(tries.map(({ address }) => address))].join(', ')}${besides}`),
        result,
      );
    },
    weakness: { in: 'listening' },
  },
  {
    id: 'NET-11',
    group: 'network',
    title: 'No engine answers over TCP',
    attempt: 'Asks the gateway of each of its networks for /_ping at 2375 and 2376, without TLS.',
    severity: 'critical',
    safety: 'stays-on-host',
    reading:
      'The answer of a Docker engine is broken. A refusal, silence, a demand for TLS or for a name and password hold, where the gateway is seen to be there.',
    control:
      'Every gateway was asked all, and refuses a connection or is a neighbour on its network; or the network gives the host no address by its own setting.',
    steps: ({ gateways }) =>
      gateways.length === 0
        ? []
        : [
            {
              name: 'ping',
              aside: true,
              seconds: 6,
              run: onEach(
                gateways,
                `for p in ${enginePorts.join(' ')}; do { o=$(printf 'GET /_ping HTTP/1.0\\r\\nHost: docker\\r\\n\\r\\n' | $B timeout 3 $B nc -w 1 $g $p 2>&1 | $B head -c 400 | $B tr '\\r\\n' ' |'); echo "$g $p $o"; } & done`,
              ),
            },
          ],
    judge: (facts) => {
      const result = facts.step('ping');
      if (result === null) {
        if (modeOf(facts.inspect) !== 'host') return withoutGateway(facts);
        return inconclusive('it is in the network of the host, where nothing is attempted: what listens there can be reached');
      }
      const tries = triesOf(result);
      const engines = tries.filter(({ said }) => /HTTP\/1\.\d 200/.test(said) && /Api-Version:|Server: Docker\/|\|OK\|?$/i.test(said));
      if (engines.length > 0) return broken(`an engine answers anybody at ${listed(engines)}: who asks it has the host`);
      const lost = unanswered(facts, result, tries, enginePorts);
      if (lost !== null) return inconclusive(lost);
      const others = tries.filter(({ said }) => said.includes('HTTP/1.'));
      const said =
        others.length === 0 ? 'no engine answers at its gateways' : `what answers at ${listed(others)} is not an engine open to all`;
      return whole(holds(said), result);
    },
    weakness: { in: 'listening' },
  },
];

/** Says first whom it asks. An address of IPv6 cannot be used in the first second of a container: the kernel looks first whether another has it. */
function onEach(gateways: readonly string[], loop: string): string {
  const [four, six] = [gateways.filter((address) => !isIPv6(address)), gateways.filter(isIPv6)];
  const each = (list: readonly string[]) => `for g in ${list.join(' ')}; do ${loop}; done`;
  const parts = [
    `echo asks ${gateways.join(' ')}`,
    ...(four.length > 0 ? [each(four)] : []),
    ...(six.length > 0 ? ['$B sleep 1.5', each(six)] : []),
    'wait',
    '$B ip neigh; true',
  ];
  return parts.join('; ');
}

interface Try {
  readonly address: string;
  readonly port: number;
  /** The rest of its line. */
  readonly said: string;
}

function triesOf({ output }: StepResult): Try[] {
  return output.split('\n').flatMap((line) => {
    const [, address, port, said] = /^([0-9a-f.:]+) (\d+) ?(.*)$/i.exec(line) ?? [];
    return address === undefined || port === undefined ? [] : [{ address, port: Number(port), said: (said ?? '').trim() }];
  });
}

function listed(tries: readonly Try[]): string {
  return tries.map(({ address, port }) => `${address}:${port}`).join(', ');
}

/** Why silence proves nothing; null where each gateway was asked all, and is known to be there or not to be. */
function unanswered(facts: Facts, { output }: StepResult, tries: readonly Try[], asked: readonly number[]): string | null {
  const gateways = /^asks (.+)$/m.exec(output)?.[1]?.split(' ') ?? [];
  for (const address of gateways) {
    const own = tries.filter((one) => one.address === address);
    if (own.length < asked.length) return `of ${asked.length} ports of ${address} only ${own.length} could be tried`;
    const neighbour = output.split('\n').some((line) => line.startsWith(`${address} `) && line.includes(' lladdr '));
    const answers = own.some(({ said }) => said === '0' || said.includes('refused') || said.includes('HTTP/1.'));
    if (!answers && !neighbour && !isIsolated(facts, address))
      return `nobody answers at ${address}, not even as a neighbour: silence proves nothing`;
  }
  return gateways.length === 0 ? 'no gateway was tried' : null;
}

/** Its network gives the host no address, from Engine 28 on. */
function isIsolated({ host }: Facts, address: string): boolean {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return host.networks.some(
    ({ IPAM, Options }) =>
      (IPAM.Config ?? []).some(({ Gateway }) => Gateway?.split('/')[0] === address) &&
      Options?.[`com.docker.network.bridge.gateway_mode_${family}`] === 'isolated',
  );
}

function isPublished({ inspect, others }: Facts, address: string, port: number): boolean {
  const everywhere = ['', '0.0.0.0', '::', address];
  const published = (one: ContainerInspect) =>
    bindingsOf(one).some(({ hostIp, hostPort }) => hostPort === port && everywhere.includes(hostIp));
  return [inspect, ...others].some(published);
}

/** It lives in the host's own network: what listens there is its neighbour. */
function onHost({ seen }: Facts): Answer {
  if (seen === null || !seen.listenersRead)
    return inconclusive('it is in the network of the host, and what listens there could not be read');
  const open = seen.listeners.filter(({ port }) => ports.includes(port));
  if (open.length === 0) return holds('it is in the network of the host, and none of these ports is listened on there');
  const where = open.map(({ address, port }) => `${port}${isLoopback(address) ? ' (on loopback, which is its own too)' : ''}`);
  return broken(`it is in the network of the host, where something listens on ${[...new Set(where)].join(', ')}`);
}

function withoutGateway({ inspect, host, unattempted, dummySeen }: Facts): Answer {
  const mode = modeOf(inspect);
  if (mode === 'none') return notApplicable('it is on no network, so it has no gateway');
  if (unattempted !== null) return inconclusive(unattempted);
  if (mode === 'container') return inconclusive('it is in the network of another container, and is judged there');
  const joined = Object.keys(inspect.NetworkSettings.Networks);
  const networks = host.networks.filter(({ Name, Id }) => joined.includes(Name) || joined.includes(Id));
  const modes = networks.map(({ Options }) => Options?.['com.docker.network.bridge.gateway_mode_ipv4']);
  if (modes.length > 0 && modes.every((one) => one === 'isolated'))
    return holds('by their settings the host has no address on its networks');
  const drivers = networks.map(({ Driver }) => Driver);
  const foreign = drivers.filter((driver) => driver !== 'bridge');
  if (drivers.length > 0 && foreign.length === drivers.length)
    return inconclusive(`its networks are ${[...new Set(foreign)].join(', ')}: their gateway is not this host, and is not asked`);
  return inconclusive(
    dummySeen === null ? 'the dummy ended before it answered' : 'the dummy was on no network with a gateway that is known',
  );
}
