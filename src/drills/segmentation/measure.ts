import { formatDuration } from '../../domain/duration.ts';
import type { RunContext } from '../../domain/kind.ts';
import { withoutScope } from '../../probes/addresses.ts';
import { measureUdp } from './measure-udp.ts';
import type { Params } from './params.ts';
import { type Probe, portsOf, probesFrom, type Seen } from './probes.ts';
import type { Answer, Spot } from './reach-lines.ts';
import type { Vantage } from './vantage.ts';
import type { Place } from './world.ts';

/** What came of it all, by who asked: a container's id, or `host`. */
export interface Measured {
  readonly probes: readonly Probe[];
  answer(asker: string, address: string, port: number, protocol: Probe['protocol']): Answer | undefined;
  /** Somebody other than the source was answered there, so that silence towards the source is a wall. */
  answeredElsewhere(source: string, address: string, port: number, protocol: Probe['protocol']): boolean;
  /** It was tried directly, from wherever, and nothing listened. */
  refusesItself(place: Place, port: number): boolean;
  /** Its own stack answers it. */
  works(source: string): boolean;
  /** The workload has the port itself, so that another one was tried in its place. */
  standsIn(place: Place, port: number): boolean;
  /** Connections that were held open and live on although no new one gets through. */
  outlived(source: string, address: string, port: number): boolean;
}

/** A port where nobody listens: refused at once by a stack that works. */
const nobody = { address: '127.0.0.1', port: 1 };

export type Scope = Pick<RunContext<Params>, 'params' | 'clock' | 'signal' | 'event' | 'runId'>;

/** Asks every helper for everything, all of them at once. */
export async function measure(seen: Seen, vantages: ReadonlyMap<string, Vantage>, host: Vantage | null, scope: Scope): Promise<Measured> {
  const { params, clock, signal, event } = scope;
  const sources = seen.world.places.filter(({ id }) => vantages.has(id));
  const probes = sources.flatMap((source) => probesFrom(source, params, seen));
  const asked = probes.filter(({ notProbed, protocol }) => notProbed === null && protocol === 'tcp');
  const tables = new Map<string, Table>([...vantages.keys(), 'host'].map((asker) => [asker, new Map()]));
  const lives = new Set<string>();

  const work = [...vantages].map(async ([id, vantage]) => {
    const spots = unique([nobody, ...asked.filter(({ from }) => from.id === id), ...ownSpots(id, params, seen)]);
    const first = await vantage.connect(spots, { hold: params.held > 0 });
    fill(tables, id, spots, first);
    return { id, vantage, spots, first };
  });
  const control = host === null ? Promise.resolve() : askHost(host, asked, tables, seen);
  const udp = measureUdp(seen, vantages, probes, scope);
  const done = await Promise.all(work);
  const [datagrams] = await Promise.all([udp, control]);
  if (params.held > 0 && !signal.aborted) {
    event('held', null, `connections are held open for ${formatDuration(params.held)}: change the rules now`);
    await clock.sleep(params.held, signal);
    await Promise.all(
      done.map(async ({ id, vantage, spots, first }) => {
        const open = new Set(first.filter(({ reach }) => reach === 'open').map(({ key }) => key));
        fill(
          tables,
          id,
          spots,
          await vantage.connect(
            spots.filter(({ key }) => open.has(key)),
            { hold: false },
          ),
        );
        const alive = (await vantage.held()).filter((one) => one.alive && tables.get(id)?.get(keyOf(spots[one.key]))?.reach !== 'open');
        for (const { key } of alive) lives.add(`${id} ${keyOf(spots[key])}`);
      }),
    );
  }
  signal.throwIfAborted();
  const answeredBy = whoWasAnswered(tables, datagrams.answers);
  const at = (address: string, port: number) => `${address} ${port}`;
  return {
    probes,
    answer: (asker, address, port, protocol) => (protocol === 'udp' ? datagrams.answers : tables).get(asker)?.get(at(address, port)),
    answeredElsewhere: (source, address, port, protocol) => {
      const askers = answeredBy.get(`${protocol} ${at(withoutScope(address), port)}`);
      return askers !== undefined && (askers.size > 1 || !askers.has(source));
    },
    refusesItself: (place, port) => {
      const direct = [...tables.values()].flatMap((table) => place.addresses.map((one) => table.get(`~${at(one.address, port)}`)?.reach));
      return direct.includes('refused') && !direct.includes('open') && !direct.includes('hung-up');
    },
    works: (source) => answered(tables.get(source)?.get(at(nobody.address, nobody.port))),
    standsIn: (place, port) => {
      const other = datagrams.ports.get(place.id)?.[String(port)];
      return other !== undefined && other !== port;
    },
    outlived: (source, address, port) => lives.has(`${source} ${at(address, port)}`),
  };
}

/** By address and port; once more, marked, without the interface, for what is known of an address by others. */
export type Table = Map<string, Answer>;

export function keyOf(spot: Pick<Spot, 'address' | 'port'> | undefined): string {
  return spot === undefined ? '' : `${spot.address} ${spot.port}`;
}

function fill(tables: ReadonlyMap<string, Table>, asker: string, spots: readonly Spot[], answers: readonly Answer[]): void {
  const table = tables.get(asker);
  for (const answer of answers) {
    const spot = spots[answer.key];
    if (spot === undefined || table === undefined) continue;
    table.set(keyOf(spot), answer);
    table.set(`~${withoutScope(spot.address)} ${spot.port}`, answer);
  }
}

function answered(answer: Answer | undefined): boolean {
  return answer !== undefined && ['open', 'hung-up', 'refused'].includes(answer.reach);
}

/** By protocol, address and port, without the interface: who got an answer from there. Of UDP, whose datagram arrived there. */
export function whoWasAnswered(tables: ReadonlyMap<string, Table>, datagrams: ReadonlyMap<string, Table>): Map<string, Set<string>> {
  const answeredBy = new Map<string, Set<string>>();
  const add = (key: string, asker: string) => answeredBy.set(key, (answeredBy.get(key) ?? new Set()).add(asker));
  for (const [asker, table] of tables) {
    for (const [key, answer] of table) if (key.startsWith('~') && answered(answer)) add(`tcp ${key.slice(1)}`, asker);
  }
  for (const [asker, table] of datagrams) {
    for (const [key, { reach }] of table) if (reach === 'open') add(`udp ${key.replace(/%\S+/, '')}`, asker);
  }
  return answeredBy;
}

function unique(given: readonly Pick<Spot, 'address' | 'port'>[]): Spot[] {
  const all = new Map(given.map((spot) => [keyOf(spot), spot]));
  return [...all.values()].map(({ address, port }, key) => ({ key, address, port }));
}

/** A container's own addresses, asked from its own namespace: the control of everybody else's silence. */
function ownSpots(id: string, params: Params, seen: Seen): Pick<Spot, 'address' | 'port'>[] {
  const own = seen.owns.get(id);
  const place = seen.world.places.find((one) => one.id === id);
  if (own === undefined || place === undefined) return [];
  const addresses = own.addresses
    .filter(({ internal }) => !internal)
    .map((one) => (one.address.startsWith('fe80:') ? `${one.address}%${one.interface}` : one.address));
  return portsOf(place, params, own)
    .filter(({ protocol }) => protocol === 'tcp')
    .flatMap(({ port }) => addresses.map((address) => ({ address, port })));
}

/** From the host everything on its own links can be reached, whatever stands between containers. Nothing else is asked of it. */
async function askHost(host: Vantage, asked: readonly Probe[], tables: ReadonlyMap<string, Table>, seen: Seen): Promise<void> {
  const links = new Map(
    (seen.host?.addresses ?? []).filter(({ address }) => address.startsWith('fe80:')).map((one) => [one.address, one.interface]),
  );
  const spots = asked.flatMap(({ address, port }) => {
    const bare = withoutScope(address);
    const link = links.get(bare);
    if (bare.startsWith('fe80:')) return link === undefined ? [] : [{ address: `${bare}%${link}`, port }];
    return seen.near.has(bare) ? [{ address: bare, port }] : [];
  });
  const all = unique(spots);
  fill(tables, 'host', all, await host.connect(all, { hold: false }));
}
