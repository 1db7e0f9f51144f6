import type { SystemScope } from '../../system.ts';
import type { Data } from './index.ts';
import type { Server } from './server.ts';

/** Changes users, and has the server keep them: one that has an ACL file goes back to that file when it restarts. */
export async function change(
  server: Server,
  commands: readonly (readonly string[])[],
  { servers }: Data,
  scope: SystemScope,
): Promise<void> {
  if (commands.length === 0) return;
  const saves = servers.find(({ name }) => name === server.name)?.saves;
  await server.ask(saves === 'always' ? [...commands, ['ACL', 'SAVE']] : commands);
  if (saves !== 'try' || (await server.askIfAllowed(['ACL', 'SAVE'])) !== null) return;
  scope.event('acl_not_saved', `${server.point.name} did not carry out ACL SAVE: when it restarts, its users may be again what they were`);
}
