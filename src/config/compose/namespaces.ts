import type { ComposeService } from './service.ts';
import type { Source } from './source.ts';

type Service = Pick<ComposeService, 'name' | 'modes'>;

/** A service can share a namespace only with one that is made, and made before it. Throws `InvalidError` `bad_compose`. */
export function refuseLostNamespaces(services: readonly Service[], source: Source): void {
  for (const service of services) {
    for (const { key, other } of sharedBy(service)) {
      const path = ['services', service.name, key];
      if (!services.some(({ name }) => name === other))
        source.fail(path, `must name a service that is kept: it names the service ${other}, which is left out by its profile`);
      const way = wayBack(service.name, [service.name, other], services);
      if (way !== null) source.fail(path, `goes round in a circle: ${way.join(' → ')}`);
    }
  }
}

function sharedBy({ modes }: Service): { readonly key: string; readonly other: string }[] {
  const keys = { network_mode: modes.network, pid: modes.pid, ipc: modes.ipc };
  return Object.entries(keys).flatMap(([key, mode]) => {
    const other = /^service:(.*)$/.exec(mode ?? '')?.[1];
    return other === undefined ? [] : [{ key, other }];
  });
}

/** Along what each shares, from the last of `way` to `start`; null when none leads there. */
function wayBack(start: string, way: readonly string[], services: readonly Service[]): readonly string[] | null {
  const last = way.at(-1);
  if (last === start) return way;
  const service = services.find(({ name }) => name === last);
  for (const { other } of service === undefined ? [] : sharedBy(service)) {
    if (other !== start && way.includes(other)) continue;
    const found = wayBack(start, [...way, other], services);
    if (found !== null) return found;
  }
  return null;
}
