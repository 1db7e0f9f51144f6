import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { type Answer, broken, type Facts, holds, inconclusive, notApplicable, type Probe, type Step, type StepResult } from '../probe.ts';
import { errnoOf, fromStep } from '../read.ts';
import { defaultCapabilities, namesOf } from './capabilities.ts';

/** A socket that needs no capability: the kernel gives it to the dummy. */
const plainSocket: Step = { name: 'control', run: "$B nc -w 1 127.0.0.1 9 -e $B true 2>&1 | $B grep -q 'Connection refused'" };

export const sockets: readonly Probe[] = [
  {
    id: 'NET-12',
    group: 'network',
    title: 'Raw sockets are refused',
    attempt: 'Sends one ICMP packet on loopback over a raw socket, not by ping, which may need none.',
    severity: 'medium',
    safety: 'read-only',
    reading: 'A socket is broken unless `allow.capabilities` names NET_RAW; EPERM holds.',
    control: 'The dummy is given a TCP socket.',
    steps: () => [plainSocket, { name: 'raw', run: '$B traceroute -I -m1 -q1 -w1 127.0.0.1' }],
    judge: (facts) =>
      needing(facts, 'raw', 'NET_RAW', {
        opened: ({ exitCode, output }) => exitCode === 0 || output.includes('hops max'),
        broken: 'it is given a raw socket: it can forge packets',
        holds: 'a raw socket is refused',
      }),
    weakness: { in: 'listening' },
  },
  {
    id: 'NET-13',
    group: 'network',
    title: 'Packet sockets are refused',
    attempt: 'Sends one ARP question for its own address over a packet socket; on loopback, where it has no eth0, none is sent.',
    severity: 'high',
    safety: 'stays-on-host',
    reading: 'A socket is broken unless `allow.capabilities` names NET_RAW, whatever came of the question; EPERM holds.',
    control: 'The dummy is given a TCP socket.',
    steps: () => [
      plainSocket,
      {
        name: 'packet',
        run: [
          'i=lo; a=127.0.0.1',
          // its own address: a question for another’s could disturb that one
          'e=$($B ip -4 addr show dev eth0 2>/dev/null | $B awk \'$1 == "inet" { sub("/.*", "", $2); print $2; exit }\')',
          '[ -n "$e" ] && i=eth0 && a=$e',
          '$B arping -c1 -w1 -I $i $a',
        ].join('; '),
      },
    ],
    judge: (facts) =>
      needing(facts, 'packet', 'NET_RAW', {
        // it opens its socket first, and complains of the interface after
        opened: ({ exitCode, output }) => exitCode === 0 || /not ARPable|ARPING|Sent \d|is down/.test(output),
        broken: 'it is given a packet socket: it can listen to its networks and spoof its neighbours',
        holds: 'a packet socket is refused',
      }),
    weakness: { in: 'listening' },
  },
  {
    id: 'NET-14',
    group: 'network',
    title: 'It cannot change its network',
    attempt: 'Adds an address to its loopback, and takes it away again.',
    severity: 'high',
    safety: 'dummy-only',
    reading: 'An address that could be added is broken unless `allow.capabilities` names NET_ADMIN; EPERM holds.',
    control: 'The same program may read the addresses of loopback.',
    steps: () => [
      { name: 'control', run: '$B ip addr show dev lo' },
      { name: 'change', run: '$B ip addr add 127.9.9.9/32 dev lo && $B ip addr del 127.9.9.9/32 dev lo' },
    ],
    judge: (facts) =>
      needing(facts, 'change', 'NET_ADMIN', {
        opened: ({ exitCode }) => exitCode === 0,
        broken: 'it can change its addresses, and with them routes and filters',
        holds: 'a change of its addresses is refused',
      }),
    weakness: { in: 'listening' },
  },
];

function needing(
  facts: Facts,
  step: string,
  capability: string,
  say: { opened(result: StepResult): boolean; readonly broken: string; readonly holds: string },
): Answer {
  const allowed = (facts.allow.capabilities ?? []).some((name) => [capability, 'ALL'].includes(name.toUpperCase().replace(/^CAP_/, '')));
  const has = (evidence: string) => (allowed ? holds(`${evidence}; ${capability} is allowed`) : broken(evidence));
  if (facts.step(step) === null && facts.unattempted !== null) return byStatus(facts, capability, has);
  return fromStep(facts, step, (result) => {
    if (say.opened(result)) {
      const answer = has(say.broken);
      if (given(facts.inspect, capability)) return answer;
      return { ...answer, disagreement: `the API does not give it ${capability}, and the kernel lets it act as if it had` };
    }
    const errno = errnoOf(result.output);
    if (errno === 'EPERM' || errno === 'EACCES') return holds(`${say.holds} (${errno})`);
    if (/Address family not supported|Protocol not supported/.test(result.output)) return notApplicable('this kernel has no such sockets');
    return inconclusive(`its answer is none that is known: exit ${result.exitCode}`);
  });
}

/** Where nothing is attempted, its first process says what it has. */
function byStatus({ seen, unattempted }: Facts, capability: string, has: (evidence: string) => Answer): Answer {
  const { CapEff, CapBnd } = seen?.status ?? {};
  if (CapEff === undefined || CapBnd === undefined) return inconclusive(unattempted ?? 'nothing was attempted');
  if (namesOf(CapEff).includes(capability)) return has(`its first process has ${capability} (CapEff ${CapEff})`);
  if (!namesOf(CapBnd).includes(capability)) return holds(`none of its processes can have ${capability} (CapBnd ${CapBnd})`);
  return inconclusive(`its first process has not ${capability}, and others of it may`);
}

/** What the engine is asked for; whether a process gets it also depends on its user. */
function given({ HostConfig }: ContainerInspect, capability: string): boolean {
  if (HostConfig.Privileged === true) return true;
  const names = (list: unknown) => ((list ?? []) as readonly string[]).map((name) => name.toUpperCase().replace(/^CAP_/, ''));
  const [added, dropped] = [names(HostConfig.CapAdd), names(HostConfig.CapDrop)];
  if (added.includes(capability)) return true;
  if (dropped.includes(capability)) return false;
  return added.includes('ALL') || (defaultCapabilities.includes(capability) && !dropped.includes('ALL'));
}
