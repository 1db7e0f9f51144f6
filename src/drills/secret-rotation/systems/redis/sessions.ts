import { FailedError } from '../../../../domain/errors.ts';
import type { OldSession, Rotation } from '../../system.ts';
import { type Client, parseClients } from './clients.ts';
import { every } from './every.ts';
import type { Parts } from './rotation.ts';
import type { Server } from './server.ts';

/** A moment, as a server counts. */
interface Mark {
  /** Connections with a greater id were opened after it. */
  readonly id: number;
  /** Of the server's process: ids start again with it. */
  readonly process: string | null;
}

interface Sessions {
  /** To be called when the same user has got a new password, and when the old one was refused: sessions opened after the later of these are not of the old one, as far as a server can tell. */
  mark(server: Server, what: 'issued' | 'refused'): Promise<void>;
  readonly end: Rotation['endSessions'];
  readonly left: Rotation['sessionsLeft'];
}

const rounds = 20;
const roundMs = 50;

/**
 * A server knows the user of a session, not the password that it was opened with. While one user has both (plan `planned`), those opened before the new one was
 * there are surely of the old one, and they are what `left` tells, so that it can be seen whether the consumers have moved. From the refusal on, all
 * count that were opened before it: those of the time between may be of either, and one that is left would be a thief's way to stay. Consumers that have
 * the new one already then have to connect again, once; where two users take turns they do not.
 */
export function sessionsOf({ data, servers, scope }: Pick<Parts, 'data' | 'servers' | 'scope'>): Sessions {
  const { old, fresh } = data;
  const issued = new Map<string, Mark>();
  const refused = new Map<string, Mark>();

  return {
    async mark(server, what) {
      if (fresh !== old) return;
      // in a connection of its own: its id is greater than that of any that was opened before
      const [id] = await server.ask([['CLIENT', 'ID']]);
      const process = await processOf(server);
      const marks = what === 'issued' ? issued : refused;
      const known = marks.get(server.name);
      // marked again, it must not take those who came with the new one meanwhile
      if (known === undefined || known.process !== process) marks.set(server.name, { id: Number(id), process });
    },
    async end() {
      try {
        await every(servers, endAt);
      } catch (error) {
        if (!(error instanceof FailedError) || error.code !== 'admin_rights') throw error;
        return { notAllowed: `${error.message}, so sessions of ${old} were not ended` };
      }
      return { notAllowed: null };
    },
    async left() {
      try {
        const lists = await every(servers, async (server) =>
          (await oldAt(server)).map(({ address }): OldSession => ({ point: server.point.name, client: address })),
        );
        return lists.flat();
      } catch (error) {
        if (error instanceof FailedError && error.code === 'admin_rights') return null;
        throw error;
      }
    },
  };

  async function endAt(server: Server): Promise<void> {
    // one order for all, where all of the user's are old; needs no list
    if (!issued.has(server.name)) await killAllOf(server);
    for (let round = 0; round < rounds; round++) {
      const clients = await oldAt(server);
      if (clients.length === 0) return;
      await server.ask(clients.map(({ id }) => ['CLIENT', 'KILL', 'ID', String(id)]));
      if (round > 0) await scope.clock.sleep(roundMs, scope.signal);
    }
  }

  async function killAllOf(server: Server): Promise<void> {
    await server.ask([['CLIENT', 'KILL', 'USER', old]]).catch((error: unknown) => {
      // no such user: it was deleted, which ended its sessions
      if (!(error instanceof FailedError) || error.code !== 'redis_ERR') throw error;
    });
  }

  async function oldAt(server: Server): Promise<readonly Client[]> {
    const [reply] = await server.ask([['CLIENT', 'LIST']]);
    const clients = parseClients(reply).filter(({ user }) => user === old);
    const mark = refused.get(server.name) ?? issued.get(server.name);
    if (mark === undefined || clients.length === 0) return clients;
    if (mark.process === (await processOf(server))) return clients.filter(({ id }) => id <= mark.id);
    // restarted: none is older, and an ACL file that was saved lets none in with the old one
    return data.servers.find(({ name }) => name === server.name)?.saves === 'always' ? [] : clients;
  }

  async function processOf(server: Server): Promise<string | null> {
    const [info] = (await server.askIfAllowed([['INFO', 'server']])) ?? [];
    return /^run_id:(\w+)/m.exec(String(info))?.[1] ?? null;
  }
}
