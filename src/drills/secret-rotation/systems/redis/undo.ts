import type { Secret } from '../../../../domain/secret.ts';
import type { Rotation } from '../../system.ts';
import { type AclUser, hashOf, sameUser, setUser } from './acl.ts';
import { change } from './change.ts';
import { sentences } from './every.ts';
import { copyName, isOfRun } from './names.ts';
import type { Parts } from './rotation.ts';
import type { Server } from './server.ts';

/** How a run ends: what is ours goes, and with `rollback` each user is again what its copy says. Looks at what is there, not at what had been done. */
export function openUndo({ params, data, scope, secret, now }: Parts): Pick<Rotation, 'clear' | 'rollback'> {
  const { tag, canary, old, fresh, made } = data;

  return {
    clear: () =>
      atEach('removed', async (server) => {
        const users = await server.users();
        const next = users.get(fresh);
        const works = next?.on === true && next.hashes.length > 0;
        if (!canary && !works && oursIn(users).length > 0)
          return [
            `${server.point.name}: ${fresh} cannot log in, so the copy of ${old} was kept (ACL user ${oursIn(users).join(', ')}): to put it back run: pitwall recover`,
          ];
        return removeOurs(server);
      }),
    rollback: () =>
      atEach('put back', async (server) => {
        if (canary) return removeOurs(server);
        const wrong = [
          ...(await putBack(server, old, 'old')),
          ...(fresh === old ? [] : made ? await remove(server, [fresh]) : await putBack(server, fresh, 'fresh')),
        ];
        // the copy is all that is left of it
        return wrong.length > 0 ? wrong : removeOurs(server);
      }),
  };

  async function putBack(server: Server, name: string, of: 'old' | 'fresh'): Promise<readonly string[]> {
    const users = await server.users();
    const copies = [true, false].flatMap((on) => {
      const copy = users.get(copyName(tag, of, on));
      return copy === undefined ? [] : [{ ...copy, name, on }];
    });
    const [wanted] = copies;
    if (wanted === undefined) return of === 'old' ? untouched(server, users) : [];
    const after = sameUser(users.get(name), wanted) ? users : await change(server, [setUser(wanted)], data, scope);
    if (sameUser(after.get(name), wanted)) return [];
    return [
      `${server.point.name}: ${name} is not what it was, though the server took the order: its copy is ACL user ${copyName(tag, of, wanted.on)}`,
    ];
  }

  /**
   * Without a copy nothing was changed yet, or all is back already, for the copy goes last; or a server without an ACL file has forgotten it. Whether the user
   * is as it was is told by the password that was in use, where it can be had; else by its being able to log in.
   */
  async function untouched(server: Server, users: ReadonlyMap<string, AclUser>): Promise<readonly string[]> {
    const hash = await inUse();
    const user = users.get(old);
    if (user?.on === true && (hash === null ? user.hashes.length > 0 : user.hashes.includes(hash))) return [];
    return [
      `${server.point.name}: there is no copy of ${old} to put back, and the password that was in use does not work: set it by hand (ACL SETUSER ${old})`,
    ];
  }

  async function inUse(): Promise<string | null> {
    if (secret !== null) return hashOf(secret);
    const found: Secret | null = await (params.current === undefined ? scope.held() : Promise.resolve().then(() => given())).catch(
      () => null,
    );
    return found === null ? null : hashOf(found);
  }

  function given(): Secret | null {
    return params.current === undefined ? null : scope.secret(params.current, 'params.current');
  }

  async function removeOurs(server: Server): Promise<readonly string[]> {
    return remove(server, oursIn(await server.users()));
  }

  async function remove(server: Server, names: readonly string[]): Promise<readonly string[]> {
    if (names.length === 0) return [];
    const users = await change(server, [['ACL', 'DELUSER', ...names]], data, scope);
    return names
      .filter((name) => users.has(name))
      .map((name) => `${server.point.name}: ACL user ${name} is still there: ACL DELUSER ${name}`);
  }

  function oursIn(users: ReadonlyMap<string, AclUser>): string[] {
    return [...users.keys()].filter((name) => isOfRun(name, tag));
  }

  async function atEach(verb: string, work: (server: Server) => Promise<readonly string[]>): Promise<readonly string[]> {
    const running = await now();
    const found = data.servers.map(({ name }) => ({ name, server: running.find((server) => server.name === name) }));
    const absent = found
      .filter(({ server }) => server === undefined)
      .map(({ name }) => `${name} does not run, so nothing could be ${verb} there: start it, then run: pitwall recover`);
    const servers = found.flatMap(({ server }) => (server === undefined ? [] : [server]));
    return [...absent, ...(await sentences(servers, verb, work))];
  }
}
