import { EngineError, FailedError, PitwallError, RefusedError } from '../../../../domain/errors.ts';
import { newSecret, type Secret } from '../../../../domain/secret.ts';
import type { OldSession, Point, Rotation, SystemScope } from '../../system.ts';
import { type Data, isAbout, noteFor } from './data.ts';
import { marksOf } from './marks.ts';
import type { Params } from './params.ts';
import { scramVerifier } from './scram.ts';
import type { Server } from './server.ts';
import {
  compareWithParked,
  dropRole,
  endSessionsOf,
  lookAtRoles,
  makeRole,
  parkVerifier,
  refuseLogin,
  restoreVerifier,
  sessionsOf,
  setPassword,
  vouchFor,
} from './sql.ts';

interface Admin {
  readonly server: Server;
  /** Its roles come from its primary; its sessions are its own. */
  readonly standby: boolean;
}

interface Parts {
  readonly params: Params;
  readonly data: Data;
  readonly admins: readonly Admin[];
  /** Why a server that was written to cannot be reached, a sentence each. */
  readonly absent: readonly string[];
  readonly points: readonly Point[];
  readonly scope: SystemScope;
}

const roundsToEnd = 20;
const roundMs = 50;
const replayMs = 2_000;

export function openRotation({ params, data, admins, absent, points, scope }: Parts): Rotation {
  const { tag, old, fresh, made } = data;
  const canary = scope.credential === 'canary';
  const named = canary || params.alternate === undefined ? [params.role] : [params.role, params.alternate];
  const note = noteFor(named, scope.runId);
  const parked = { old: `pitwall_${tag}_parked`, fresh: `pitwall_${tag}_parked_next` };
  const primaries = admins.filter(({ standby }) => !standby).map(({ server }) => server);
  const standbys = admins.filter(({ standby }) => standby).map(({ server }) => server);
  const marks = marksOf({ primaries, standbys });
  const before = async (server: Server) => (old === fresh ? marks.of(server) : '');

  return {
    points,
    async prepare() {
      const secret = canary ? newSecret() : await current();
      const kept = canary ? [old] : [parked.old, ...(fresh === old || made ? [] : [parked.fresh])];
      await each(primaries, (server) =>
        server.ask(
          canary
            ? [makeRole(old, scramVerifier(secret), params.role, note)]
            : kept.map((name) => parkVerifier(name === parked.old ? old : fresh, name, note)),
        ),
      );
      await alone(kept);
      if (!canary) await each(primaries, (server) => server.ask(kept.map((name) => vouchFor(name, note))));
      return { user: old, secret };
    },
    async issue() {
      const secret = newSecret();
      const verifier = scramVerifier(secret);
      await each(primaries, (server) =>
        server.ask([fresh === old || !made ? setPassword(fresh, verifier) : makeRole(fresh, verifier, params.role, note)]),
      );
      if (old !== fresh) return { user: fresh, secret };
      await marks.set();
      for (let waited = 0; (await marks.behind()).length > 0; waited += roundMs) {
        if (waited >= replayMs) {
          scope.event(
            'standby_behind',
            `${(await marks.behind()).join(', ')}: the new password is not there yet, and the old one may still be`,
          );
          break;
        }
        await scope.clock.sleep(roundMs, scope.signal);
      }
      return { user: fresh, secret };
    },
    async refuse() {
      await each(primaries, (server) => server.ask([refuseLogin(old)]));
    },
    endSessions,
    // whoever had shown the old password before the new one was set, and was let in after, has a session since
    async verify() {
      if (old === fresh) await endSessions();
    },
    async sessionsLeft() {
      const lists = await Promise.all(
        admins.map(async ({ server }): Promise<OldSession[]> => {
          const [rows = []] = await server.ask([{ text: sessionsOf, values: [old, await before(server)] }]);
          return rows.map(({ client }) => ({ point: server.point, client: client === '' ? null : String(client) }));
        }),
      );
      return lists.flat();
    },
    clear: () => everywhere((server) => remove(server, canary ? [old, fresh] : [parked.old, parked.fresh])),
    rollback: () => everywhere((server) => (canary ? remove(server, [old, fresh]) : putBack(server, old, parked.old))),
    async withdraw() {
      if (canary) return [];
      return everywhere(async (server) => {
        const left = fresh === old || made ? [] : await putBack(server, fresh, parked.fresh);
        return left.length > 0 ? left : remove(server, [parked.old, parked.fresh, ...(made ? [fresh] : [])]);
      });
    },
  };

  async function everywhere(work: (server: Server) => Promise<readonly string[]>): Promise<readonly string[]> {
    return [
      ...absent.map((why) => `${why}, so what the rotation changed there is as it was left: when it runs again run: pitwall recover`),
      ...(await sentences(primaries, work)),
    ];
  }

  /** Two that looked at the same moment saw nothing of each other; what each has made by now, at least one of them sees. */
  async function alone(made: readonly string[]): Promise<void> {
    const others = await Promise.all(primaries.map(async (server) => ({ server, name: await otherAt(server) })));
    const seen = others.find(({ name }) => name !== null);
    if (seen === undefined) return;
    await each(primaries, (server) => remove(server, made));
    throw new RefusedError(
      'under_way',
      `another rotation of ${named.join(' or ')} is under way at ${seen.server.point} (role ${seen.name})`,
      {
        hint: 'wait until it has ended; when its process is gone, run: pitwall recover',
      },
    );
  }

  async function otherAt(server: Server): Promise<string | null> {
    const [rows = []] = await server.ask([{ text: lookAtRoles, values: ['[]'] }]);
    const other = rows.find((row) => isAbout(row.note, named) && !String(row.note).startsWith(note));
    return other === undefined ? null : String(other.name);
  }

  /** As it was when it was parked; read back. */
  async function putBack(server: Server, name: string, copy: string): Promise<readonly string[]> {
    const compare = { text: compareWithParked, values: [name, copy] };
    const [[found] = []] = await server.ask([compare]);
    if (found?.parked === true) {
      const [, [now] = []] = await server.ask([restoreVerifier(name, copy), compare]);
      return now?.same === true ? [] : [`${server.point}: ${name} is not again what ${copy} has kept of it: run: pitwall recover`];
    }
    // nothing is changed before it is parked; the other of two was idle, and with another rotation under way it is that one's
    if (found?.login === true || name !== old || (await otherAt(server)) !== null) return [];
    return [
      `${server.point}: ${name} cannot log in, and ${copy}, which had kept what it was, is gone: give it LOGIN and the password that is in use, then run: pitwall recover`,
    ];
  }

  async function endSessions(): Promise<{ readonly notAllowed: string | null }> {
    try {
      await each(
        admins.map(({ server }) => server),
        async (server) => {
          // one that was logging in when it was refused is there a moment later
          for (let round = 0, none = 0; round < roundsToEnd && none < 2; round++) {
            if (round > 0) await scope.clock.sleep(roundMs, scope.signal);
            const [ended = []] = await server.ask([{ text: endSessionsOf, values: [old, await before(server)] }]);
            none = ended.length === 0 ? none + 1 : 0;
          }
        },
      );
    } catch (error) {
      if (!(error instanceof FailedError) || error.code !== 'sql_42501') throw error;
      return { notAllowed: `the admin ${params.admin.user} may not end sessions of ${old} (SQLSTATE 42501; it needs pg_signal_backend)` };
    }
    return { notAllowed: null };
  }

  async function current(): Promise<Secret> {
    const given = params.current === undefined ? await scope.held() : scope.secret(params.current, 'params.current');
    if (given !== null) return given;
    throw new FailedError('no_current', 'the password in use is not known, so nobody could try it', {
      hint: 'say where it is in params.current, or give a consumer a deliver.file',
    });
  }

  async function remove(server: Server, names: readonly string[]): Promise<readonly string[]> {
    const gone = [...new Set(names)];
    for (const name of gone)
      await server.ask(dropRole(name, params.role, note)).catch((error: unknown) => {
        // what another database has of it keeps it there: seen below
        if (!(error instanceof FailedError) || error.code !== 'sql_2BP01') throw error;
      });
    const [rows = []] = await server.ask([{ text: lookAtRoles, values: [JSON.stringify(gone)] }]);
    return rows
      .filter((row) => gone.includes(String(row.name)) && String(row.note).startsWith(note))
      .map(
        ({ name }) =>
          `${server.point}: the role ${String(name)} could not be dropped, for it owns something in another database (it cannot log in any more): REASSIGN OWNED BY there, then run: pitwall recover`,
      );
  }
}

/** All at once, and all of them: a server that is down must not keep the others as they are. */
async function each(servers: readonly Server[], work: (server: Server) => Promise<unknown>): Promise<void> {
  const settled = await Promise.allSettled(servers.map((server) => work(server)));
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
}

/** All of them are tried, whatever becomes of one. */
async function sentences(servers: readonly Server[], work: (server: Server) => Promise<readonly string[]>): Promise<readonly string[]> {
  const settled = await Promise.allSettled(servers.map((server) => work(server)));
  return settled.flatMap((one) => {
    if (one.status === 'fulfilled') return one.value;
    const error: unknown = one.reason;
    if (!(error instanceof PitwallError) || (error instanceof EngineError && error.lost)) throw error;
    return [`${error.message}, so it could not be put back: when the cause is gone run: pitwall recover`];
  });
}
