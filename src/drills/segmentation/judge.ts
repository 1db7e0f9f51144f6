import type { MatrixCell } from '../../domain/matrix.ts';
import type { Finding, Severity } from '../../domain/words.ts';
import { type Cell, reached } from './cells.ts';
import { skipped, wouldLeave } from './probes.ts';
import type { Place } from './world.ts';

/** What came of one source's cells. */
export interface Judged {
  readonly cells: readonly Cell[];
  readonly findings: readonly Finding[];
  readonly closed: number;
  readonly open: number;
}

const namedInEvidence = 12;
const dockerApi: ReadonlySet<number> = new Set([2375, 2376]);

/** One source: a finding for each port of each other service on which policy and network disagree, and what holds in one sentence. */
export function judgeSource(from: Place, cells: readonly Cell[]): Judged {
  const findings: Finding[] = [];
  const outages = new Set<Cell>();
  let closed = 0;
  let open = 0;
  let refused = 0;
  for (const group of grouped(cells).values()) {
    const judged = judgeGroup(group);
    const found = [judged.finding, judged.beside].filter((finding) => finding !== null);
    findings.push(...found.map((finding) => ({ ...finding, target: from.name, waivedUntil: null })));
    for (const cell of judged.outages) outages.add(cell);
    closed += judged.closed;
    open += judged.open;
    if (judged.closed > 0 && group.some(({ measured }) => measured === 'refused')) refused++;
  }
  if (closed + open > 0)
    findings.push({
      probe: 'NET-04',
      title: `${from.service}: ${closed} denied closed, ${open} allowed open`,
      target: from.name,
      state: 'holds',
      severity: 'high',
      evidence: `${closed} ports that the policy denies gave no way in${refused === 0 ? ', each with its control' : `: at ${refused} nothing listens, and it was refused; the others each with its control`}: the source’s own stack works, and the same address and port answered somebody else or there is no route at all; ${open} that it allows were reached`,
      waivedUntil: null,
    });
  findings.push(...heldBeside(from, cells, findings));
  if (cells.length > 0 && !from.hostNetwork)
    findings.push({
      probe: 'NET-09',
      title: `${from.service} is not in the host’s network`,
      target: from.name,
      state: 'holds',
      severity: 'critical',
      evidence: 'it was asked from inside a network namespace of its own',
      waivedUntil: null,
    });
  const marked = cells.map((cell) => (outages.has(cell) ? { ...cell, disagreement: 'allow-but-closed' as const } : cell));
  return { cells: marked, findings, closed, open };
}

/** The ways besides a service's own address, and what is said of one that was tried and gave nothing. */
const besides = [
  { probe: 'NET-02', severity: 'medium', name: 'the outside', is: ({ way }: Cell['probe']) => way === 'external' },
  {
    probe: 'NET-05',
    severity: 'high',
    name: 'the host',
    is: ({ way, to, address }: Cell['probe']) => way !== 'external' && to === null && isV4(address),
  },
  {
    probe: 'NET-06',
    severity: 'high',
    name: 'published ports',
    is: ({ way, to, address }: Cell['probe']) => way === 'published' && to !== null && isV4(address),
  },
  { probe: 'NET-15', severity: 'medium', name: 'IPv6', is: ({ way, address }: Cell['probe']) => way !== 'external' && !isV4(address) },
] as const;

/** A finding that nothing else could ever end must be seen to hold: each way by which something denied was tried in vain. */
function heldBeside(from: Place, cells: readonly Cell[], found: readonly Finding[]): readonly Finding[] {
  if (cells.length === 0) return [];
  return besides.flatMap(({ probe, severity, name, is }) => {
    const denied = cells.filter((cell) => cell.declared === 'deny' && is(cell.probe));
    const held = denied.filter((cell) => !reached(cell.probe, cell.measured) && cell.measured !== 'unknown').length;
    if (found.some((finding) => finding.probe === probe)) return [];
    const isThere = cells.some((cell) => is(cell.probe));
    if (isThere ? held === 0 : probe === 'NET-02' || probe === 'NET-05') return [];
    const title = isThere
      ? `${from.service}: ${name}, ${held} of ${denied.length} denied and closed`
      : `${from.service}: ${name}, there are none to try`;
    const evidence = isThere
      ? `${held} addresses and ports that the policy denies gave no way in`
      : 'nothing that this run looked at has such a way: what is not there cannot be reached';
    return [{ probe, title, target: from.name, state: 'holds', severity, evidence, waivedUntil: null }];
  });
}

function isV4(address: string): boolean {
  return !address.includes(':');
}

/** By what is meant: a service's own port, a port of the host, the outside. */
function grouped(cells: readonly Cell[]): Map<string, Cell[]> {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const { to, way, ownPort, protocol } = cell.probe;
    const key = way === 'external' ? 'external' : `${to?.service ?? 'host'} ${ownPort}/${protocol} ${to === null ? 'host' : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return groups;
}

interface JudgedGroup {
  readonly finding: Omit<Finding, 'target' | 'waivedUntil'> | null;
  /** Of those in the group that are denied where others are allowed. */
  readonly beside: JudgedGroup['finding'];
  readonly outages: readonly Cell[];
  readonly closed: number;
  readonly open: number;
}

const nothing: JudgedGroup = { finding: null, beside: null, outages: [], closed: 0, open: 0 };

function judgeGroup(group: readonly Cell[]): JudgedGroup {
  const there = group.filter((cell) => reached(cell.probe, cell.measured));
  const against = there.filter(({ declared }) => declared === 'deny');
  if (against.length > 0) return { ...nothing, finding: leak(against) };
  const allowed = group.filter(({ declared, probe }) => declared === 'allow' && probe.way === 'direct');
  if (allowed.length > 0) {
    const judged = judgeAllowed(group, allowed, there);
    return { ...judged, beside: judged.finding?.state === 'inconclusive' ? null : deniedBeside(group) };
  }
  const unknown = group.filter(({ measured }) => measured === 'unknown');
  if (unknown.length > 0) return { ...nothing, finding: unsure(unknown) };
  // one of the host or of the outside that may be reached need not be there
  return group.some(({ declared }) => declared === 'deny')
    ? { ...nothing, closed: 1 }
    : there.length > 0
      ? { ...nothing, open: 1 }
      : nothing;
}

/** The policy may allow one replica and deny another: that the one works says nothing of the other. */
function deniedBeside(group: readonly Cell[]): JudgedGroup['finding'] {
  const unknown = group.filter(({ declared, measured }) => declared === 'deny' && measured === 'unknown');
  return unknown.length === 0 ? null : unsure(unknown);
}

/** What the policy allows must work towards each replica, at one of its addresses. */
function judgeAllowed(group: readonly Cell[], allowed: readonly Cell[], there: readonly Cell[]): JudgedGroup {
  const replicas = new Set(allowed.map(({ probe }) => probe.to?.id));
  const missed = [...replicas]
    .map((id) => allowed.filter(({ probe }) => probe.to?.id === id))
    .filter((own) => !own.some((cell) => there.includes(cell)));
  const roundabout = there.filter(({ disagreement }) => disagreement === 'bypass');
  const without = missed.filter((own) => !roundabout.some(({ probe }) => probe.to?.id === own[0]?.probe.to?.id)).flat();
  const [first] = group as [Cell];
  if (without.length > 0) {
    const unknown = without.filter(({ measured }) => measured === 'unknown');
    if (unknown.length > 0) return { ...nothing, finding: unsure(unknown) };
    const title = `${titleOf(first)}: allowed, but closed`;
    return {
      ...nothing,
      finding: { probe: 'NET-04', title, state: 'broken', severity: 'high', evidence: evidenceOf(without) },
      outages: without,
    };
  }
  const straight = there.filter(({ disagreement }) => disagreement === null);
  if (straight.length === 0) {
    const probe = roundabout.some((cell) => cell.probe.way === 'direct') ? 'NET-04' : 'NET-06';
    const title = `${titleOf(first)}: allowed, but by a way round the networks`;
    return { ...nothing, finding: { probe, title, state: 'broken', severity: 'low', evidence: evidenceOf(roundabout) }, open: 1 };
  }
  if (!straight.some(({ measured }) => measured === 'open')) {
    const title = `${titleOf(first)}: allowed, but nothing listens`;
    return { ...nothing, finding: { probe: 'NET-04', title, state: 'broken', severity: 'low', evidence: evidenceOf(straight) } };
  }
  return { ...nothing, open: 1 };
}

/** Reached although denied. The plainest way gives it its name: by its own address, then round by the host, then by IPv6 alone. */
function leak(cells: readonly Cell[]): JudgedGroup['finding'] {
  const [first] = cells as [Cell];
  const common = { title: titleOf(first), state: 'broken' as const, evidence: evidenceOf(cells) };
  const plain = cells.filter(({ probe }) => !probe.address.includes(':'));
  if (first.probe.way === 'external') return { ...common, probe: 'NET-02', severity: 'medium' };
  if (first.probe.to === null) {
    const { port } = first.probe;
    return { ...common, probe: plain.length > 0 ? 'NET-05' : 'NET-15', severity: dockerApi.has(port) ? 'critical' : 'high' };
  }
  const direct = plain.filter(({ probe }) => probe.way === 'direct');
  if (direct.length > 0 || !first.probe.to.addresses.some(({ address }) => !address.includes(':'))) {
    return { ...common, probe: 'NET-04', severity: cells.some(({ measured }) => measured === 'open') ? 'critical' : 'high' };
  }
  return plain.length > 0 ? { ...common, probe: 'NET-06', severity: 'high' } : { ...common, probe: 'NET-15', severity: 'medium' };
}

/** Not known is not closed. What was left out on purpose is said, and stops nobody. */
function unsure(cells: readonly Cell[]): JudgedGroup['finding'] {
  const [first] = cells as [Cell];
  const { way, to, protocol } = first.probe;
  const chosen = cells.every(({ why }) => why === skipped || why === wouldLeave);
  const severity: Severity =
    chosen || protocol === 'udp' ? 'low' : way === 'external' || to === null || way === 'published' ? 'medium' : 'high';
  const probe = way === 'external' ? 'NET-02' : to === null ? 'NET-05' : 'NET-04';
  return { probe, title: titleOf(first), state: 'inconclusive', severity, evidence: evidenceOf(cells) };
}

function titleOf({ probe }: Cell): string {
  const { from, to, way, ownPort, protocol } = probe;
  if (way === 'external') return `${from.service} → external`;
  return `${from.service} → ${to?.service ?? 'host'}:${ownPort}${protocol === 'udp' ? '/udp' : ''}`;
}

function evidenceOf(cells: readonly Cell[]): string {
  const said = [...new Set(cells.map(({ seen }) => seen))];
  const more = said.length > namedInEvidence ? [`and ${said.length - namedInEvidence} more: see the artifact matrix`] : [];
  return [...said.slice(0, namedInEvidence), ...more].join('\n');
}

/** Replicas of a source that see the same are one row. */
export function withoutTwins(cells: readonly MatrixCell[]): MatrixCell[] {
  return [...new Map(cells.map((cell) => [JSON.stringify(cell), cell])).values()];
}
