import { stringify } from 'yaml';
import type { MatrixCell } from '../../domain/matrix.ts';
import type { Finding } from '../../domain/words.ts';
import { volumeOf } from './volumes.ts';

/** The policy that describes what is there now, as lines of YAML that go under `params`. To be read before it is believed: what is open is not thereby right. */
export function suggestPolicy(cells: readonly MatrixCell[], findings: readonly Pick<Finding, 'probe' | 'title'>[]): string[] {
  const open = cells.filter(({ measured, port }) => measured === 'open' && port !== null);
  const host = [...new Set(open.filter(({ to }) => to === 'host').map(({ port }) => port))].toSorted((a, b) => Number(a) - Number(b));
  const volumes = [...new Set(findings.filter(({ probe }) => probe === 'FS-16').map(({ title }) => volumeOf(title)))].filter(
    (name) => name !== null,
  );
  const policy = {
    allow: rulesOf(open, new Set(cells.filter(({ to }) => to === 'host').map(({ address }) => address))),
    external: open.some(({ to }) => to === 'external') ? 'allow' : 'deny',
    host: host.length > 0 ? host : 'deny',
    ...(volumes.length > 0 ? { volumes } : {}),
  };
  const unknown = cells.filter(({ measured }) => measured === 'unknown').length;
  return [
    '# what is open now, nothing more: strike out what should not be',
    ...(unknown > 0 ? [`# ${unknown} ways are not known, and are not in it`] : []),
    ...stringify({ policy }, { lineWidth: 0, collectionStyle: 'any' }).trimEnd().split('\n'),
  ];
}

/** One rule for each two services, with their ports. What is reached by a published port alone is no rule: it goes round the networks. */
function rulesOf(open: readonly MatrixCell[], doors: ReadonlySet<string | null>): object[] {
  const pairs = new Map<string, { from: string; to: string; protocol: string; ports: Set<number> }>();
  for (const { from, to, port, protocol, simulated, address } of open) {
    if (to === 'host' || to === 'external' || port === null || doors.has(address) || simulated === 'deny') continue;
    const key = `${from} ${to} ${protocol}`;
    const pair = pairs.get(key) ?? { from, to, protocol, ports: new Set() };
    pair.ports.add(port);
    pairs.set(key, pair);
  }
  return [...pairs.values()]
    .toSorted((a, b) => (`${a.from} ${a.to}` < `${b.from} ${b.to}` ? -1 : 1))
    .map(({ from, to, protocol, ports }) => {
      const list = [...ports].toSorted((a, b) => a - b);
      return { from, to, port: list.length === 1 ? list[0] : list, ...(protocol === 'udp' ? { protocol } : {}) };
    });
}
