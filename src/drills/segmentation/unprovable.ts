import type { Finding } from '../../domain/words.ts';
import type { Lost } from './cells.ts';
import type { Params } from './params.ts';
import type { Seen } from './probes.ts';

/** What the matrix cannot say, said: no silence is taken for a wall. */
export function unprovable({ world, owns, host }: Seen, lost: Lost, { decoy, egress }: Params): Finding[] {
  const findings: Finding[] = [];
  const add = (finding: Omit<Finding, 'waivedUntil'>) => findings.push({ ...finding, waivedUntil: null });
  for (const place of world.places) {
    const { service, name, target, skip } = place;
    if (place.hostNetwork && target !== null) {
      const evidence = `NetworkMode of ${name} is host: whatever the host can reach it reaches, and the host’s listeners are its own`;
      add({ probe: 'NET-09', title: `${service} is in the host’s network`, target: name, state: 'broken', severity: 'critical', evidence });
      continue;
    }
    const why = lost.get(place.id);
    if (why !== undefined) {
      const severity = target === null ? 'medium' : 'high';
      add({
        probe: 'NET-04',
        title: `${service}: not known`,
        target: target === null ? null : name,
        state: 'inconclusive',
        severity,
        evidence: why,
      });
    } else if (skip) {
      const evidence = `${name} is labelled pitwall.skip: nothing was connected to`;
      add({ probe: 'NET-04', title: `${service}: left out`, target: null, state: 'inconclusive', severity: 'low', evidence });
    } else if (!owns.has(place.id)) {
      const evidence = `${name} is no target of this run, so its namespace was not looked into: only declared and published ports were tried`;
      add({
        probe: 'NET-16',
        title: `${service}: what it listens on is not known`,
        target: null,
        state: 'inconclusive',
        severity: 'low',
        evidence,
      });
    }
  }
  for (const { name, near } of world.silent) {
    const evidence = `the engine gave no answer when it was asked about ${name}, which ${near ? 'is of a target’s project or on one of its networks' : 'shares neither project nor network with a target'}: its own addresses were not connected to, and which ports of the host lead to it is not known`;
    add({ probe: 'NET-04', title: `${name}: not known`, target: null, state: 'inconclusive', severity: near ? 'high' : 'low', evidence });
  }
  if (host === null) {
    const evidence = 'the engine let no helper into the host’s network: only the usual ports were tried, with fewer controls';
    add({
      probe: 'NET-05',
      title: 'what the host listens on is not known',
      target: null,
      state: 'inconclusive',
      severity: 'medium',
      evidence,
    });
  }
  if (world.elsewhere.length > 0) {
    const ports = [...new Set(world.elsewhere.map(({ hostPort }) => hostPort))].toSorted((a, b) => a - b);
    const evidence = `containers that share neither project nor network with a target are passed on to at the host’s ${ports.join(', ')}: they were not connected to`;
    add({ probe: 'NET-06', title: 'what others publish was not tried', target: null, state: 'inconclusive', severity: 'low', evidence });
  }
  if (decoy === null && !egress) {
    const evidence = 'nothing leaves the host without egress: true, and no decoy stands for the outside';
    add({ probe: 'NET-02', title: 'the outside was not tried', target: null, state: 'inconclusive', severity: 'low', evidence });
  }
  return findings;
}
