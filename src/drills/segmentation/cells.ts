import type { MatrixCell } from '../../domain/matrix.ts';
import { endpointText } from '../../probes/addresses.ts';
import type { Measured } from './measure.ts';
import type { Params } from './params.ts';
import { allows, allowsHost } from './policy.ts';
import { nowhere, type Probe } from './probes.ts';

/** A probe with what is declared, expected and measured of it. */
export interface Cell {
  readonly probe: Probe;
  readonly declared: 'allow' | 'deny';
  readonly measured: MatrixCell['measured'];
  readonly disagreement: MatrixCell['disagreement'];
  /** What was seen, in a few words. */
  readonly seen: string;
  /** Why it is not known; null where it is. */
  readonly why: string | null;
}

/** Containers of which nothing can be said any more, with the reason. */
export type Lost = ReadonlyMap<string, string>;

export function cellOf(probe: Probe, params: Params, measured: Measured, lost: Lost, established: (probe: Probe) => boolean): Cell {
  const declared = declaredOf(probe, params);
  const { state, seen, why } = stateOf(probe, measured, lost, established);
  const there = reached(probe, state);
  const disagreement =
    !there || (declared === 'allow' && probe.simulated === 'allow') ? null : probe.simulated === 'deny' ? 'bypass' : 'deny-but-open';
  return { probe, declared, measured: state, disagreement, seen, why };
}

/** Nothing listens: a container is reachable all the same, the host is there for everybody, and behind a published port is nobody. */
export function reached({ way }: Pick<Probe, 'way'>, state: MatrixCell['measured']): boolean {
  return state === 'open' || (state === 'refused' && (way === 'direct' || way === 'external'));
}

function declaredOf({ from, to, way, ownPort, port, protocol }: Probe, { policy }: Params): 'allow' | 'deny' {
  const allowed =
    way === 'external' ? policy.external === 'allow' : to === null ? allowsHost(policy, port) : allows(policy, from, to, ownPort, protocol);
  return allowed ? 'allow' : 'deny';
}

interface State {
  readonly state: MatrixCell['measured'];
  readonly seen: string;
  readonly why: string | null;
}

function stateOf(probe: Probe, measured: Measured, lost: Lost, established: (probe: Probe) => boolean): State {
  const { from, to, address, port, ownPort, protocol, notProbed, way } = probe;
  const gone = lost.get(from.id) ?? (to === null ? undefined : lost.get(to.id));
  if (gone !== undefined) return unknown(gone);
  if (notProbed !== null) return unknown(notProbed);
  const answer = measured.answer(from.id, address, port, protocol);
  const at = `${endpointText(address, port)} (${probe.where})`;
  const standsIn = protocol === 'udp' && to !== null && measured.standsIn(to, port);
  if (answer === undefined)
    return unknown(
      protocol === 'udp' ? 'no helper may listen there, and silence says nothing of UDP' : `${from.name}: the helper gave no answer`,
    );
  if (answer.reach === 'open')
    return {
      state: 'open',
      seen: standsIn ? `${at}: a datagram arrived, at another port beside the workload’s own` : `${at}: open`,
      why: null,
    };
  if (answer.reach === 'refused') return { state: 'refused', seen: `${at}: refused, so it was reached, and nothing listens`, why: null };
  if (answer.reach === 'hung-up') {
    // Docker's proxy accepts before it has tried the container
    const dead = way === 'published' && to !== null && measured.refusesItself(to, ownPort);
    return dead
      ? { state: 'refused', seen: `${at}: nobody behind it`, why: null }
      : { state: 'open', seen: `${at}: accepted, and closed at once`, why: null };
  }
  if (measured.outlived(from.id, address, port))
    return { state: 'open', seen: `${at}: no new connection, but the one that was made before the change lives on`, why: null };
  if (protocol === 'tcp' && established(probe))
    return {
      state: 'open',
      seen: `${at}: no new connection, but one of before the drill still stands (established in the socket table)`,
      why: null,
    };
  if (answer.reach === 'error') return unknown(`${at}: ${answer.errno ?? 'failed'}`);
  const what =
    answer.reach === 'timeout'
      ? `no answer${protocol === 'tcp' ? ` in ${answer.tries} tries` : ''}`
      : `no way there (${answer.errno ?? 'unreachable'})`;
  if (standsIn) return unknown(`${at}: the workload has the port itself, and nothing arrived at another beside it`);
  if (!measured.works(from.id)) return unknown(`${at}: ${what}, but not even its own loopback answered`);
  if (way === 'external' && address === nowhere.address && answer.reach === 'timeout')
    return unknown(`${at}: no answer, but nobody is there to give one`);
  // it has no route at all; any other word for unreachable may be about the one who is to be reached
  if (way === 'external' && answer.errno === 'ENETUNREACH') return { state: 'closed', seen: `${at}: ${what}`, why: null };
  if (!measured.answeredElsewhere(from.id, address, port, protocol))
    return unknown(`${at}: ${what}, but nobody else was answered there either`);
  return { state: 'closed', seen: `${at}: ${what}`, why: null };
}

function unknown(why: string): State {
  return { state: 'unknown', seen: why, why };
}

/** As the artifact has it. */
export function matrixCell({ probe, declared, measured, disagreement }: Cell): MatrixCell {
  const { from, to, way, address, port, protocol, simulated } = probe;
  return {
    from: from.service,
    to: to?.service ?? (way === 'external' ? 'external' : 'host'),
    address,
    port,
    protocol,
    declared,
    simulated,
    measured,
    disagreement,
  };
}
