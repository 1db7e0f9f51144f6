import type { SystemScope } from '../../system.ts';
import { type AclUser, parseUsers } from './acl.ts';
import type { Data } from './index.ts';
import type { Server } from './server.ts';

/** Changes users, has the server keep them (one that has an ACL file goes back to that file when it restarts), and returns what it has then. */
export async function change(
  server: Server,
  commands: readonly (readonly string[])[],
  { servers }: Data,
  scope: SystemScope,
): Promise<ReadonlyMap<string, AclUser>> {
  if (commands.length === 0) return server.users();
  const saves = servers.find(({ name }) => name === server.name)?.saves;
  const replies = await server.ask([...commands, ...(saves === 'always' ? [['ACL', 'SAVE']] : []), ['ACL', 'LIST']]);
  if (saves === 'try' && (await server.askIfAllowed([['ACL', 'SAVE']])) === null)
    scope.event(
      'acl_not_saved',
      `${server.point.name} did not carry out ACL SAVE: when it restarts, its users may be again what they were`,
    );
  return parseUsers(replies.at(-1));
}
