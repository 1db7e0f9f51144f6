import type { Engine } from '../../domain/engine.ts';
import { labels } from '../../domain/target.ts';

interface Thing {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Everything on an engine that a run could leave something among, by a key that names it. */
export type Inventory = ReadonlyMap<string, Thing>;

export async function takeInventory(engine: Engine, signal?: AbortSignal): Promise<Inventory> {
  const [containers, networks, volumes, images] = await Promise.all([
    engine.list({ all: true }, { signal }),
    engine.networks({}, { signal }),
    engine.volumes({}, { signal }),
    engine.images({}, { signal }),
  ]);
  return new Map<string, Thing>([
    ...containers.map(({ id, name, labels: all }) => [`container ${id}`, { name: `container ${name}`, labels: all }] as const),
    ...networks.map(({ Id, Name, Labels }) => [`network ${Id}`, { name: `network ${Name}`, labels: Labels ?? {} }] as const),
    ...volumes.map(({ name, labels: all }) => [`volume ${name}`, { name: `volume ${name}`, labels: all }] as const),
    ...images.map(({ id, tags, labels: all }) => [`image ${id}`, { name: `image ${tags[0] ?? id}`, labels: all }] as const),
  ]);
}

export interface Differences {
  /** Of this run, and still there. */
  readonly left: readonly string[];
  /** Came or went meanwhile, and is not of this run: others work on the engine too. */
  readonly others: readonly string[];
}

export function differences(before: Inventory, after: Inventory, runId: string): Differences {
  const mine = (thing: Thing) => thing.labels[labels.run] === runId;
  // what other runs of Pitwall make and remove is theirs to account for
  const users = (thing: Thing) => thing.labels[labels.role] === undefined;
  const came = [...after].filter(([key]) => !before.has(key)).map(([, thing]) => thing);
  const went = [...before].filter(([key]) => !after.has(key)).map(([, thing]) => thing);
  return {
    left: came.filter(mine).map(({ name }) => name),
    others: [...came.filter(users).map(({ name }) => `${name} came`), ...went.filter(users).map(({ name }) => `${name} went`)],
  };
}
