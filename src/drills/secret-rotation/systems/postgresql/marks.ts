import type { Server } from './server.ts';
import { identity, replayedAt, writtenUpTo } from './sql.ts';

/** From when on, by each server's own clock, a session of the role is one of its new password. */
export interface Marks {
  /** To be called when the primaries have the new password and nobody else knows it. */
  set(): Promise<void>;
  /** Standbys that have not replayed it: there the old one may still be let in. */
  behind(): Promise<readonly string[]>;
  /** Empty while there is none: all sessions are of the old one. */
  of(server: Server): Promise<string>;
}

export function marksOf({ primaries, standbys }: { readonly primaries: readonly Server[]; readonly standbys: readonly Server[] }): Marks {
  const at = new Map<string, string>();
  /** By the primaries' system identifier: how far each had written. */
  const places = new Map<string, string[]>();

  return {
    async set() {
      for (const server of primaries) {
        const [[row] = []] = await server.ask([writtenUpTo]);
        at.set(server.id, String(row?.now));
        const id = String(row?.id);
        places.set(id, [...(places.get(id) ?? []), String(row?.place)]);
      }
      for (const { id } of standbys) at.delete(id);
    },
    async behind() {
      const late = await Promise.all(standbys.map(async (server) => ((await markOf(server)) === '' ? [server.point] : [])));
      return late.flat();
    },
    of: markOf,
  };

  async function markOf(server: Server): Promise<string> {
    const known = at.get(server.id);
    if (known !== undefined || places.size === 0) return known ?? '';
    const [[self] = []] = await server.ask([identity]);
    const wanted = places.get(String(self?.id)) ?? [];
    let now = '';
    for (const place of wanted) {
      const [[row] = []] = await server.ask([{ text: replayedAt, values: [place] }]);
      if (typeof row?.now !== 'string') return '';
      now = row.now;
    }
    if (now !== '') at.set(server.id, now);
    return now;
  }
}
