import { z } from 'zod';
import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { FailedError, RefusedError } from '../../../../domain/errors.ts';
import type { Secret } from '../../../../domain/secret.ts';
import { addressOf, pointName } from '../../address.ts';
import type { System, SystemScope } from '../../system.ts';
import { hashOf } from './acl.ts';
import { every } from './every.ts';
import { lookAt } from './look.ts';
import { tagOf } from './names.ts';
import type { Params } from './params.ts';
import { openRotation } from './rotation.ts';
import { type Server, serverAt } from './server.ts';
import { usersOf } from './users-of.ts';

export type { Params } from './params.ts';
export { fields } from './params.ts';

const dataSchema = z.object({
  tag: z.string(),
  canary: z.boolean(),
  /** The user whose credential is refused, and the one that the new password is for; the same one unless two take turns. */
  old: z.string(),
  fresh: z.string(),
  /** The user for the new one was not there before. */
  made: z.boolean(),
  servers: z.array(z.object({ name: z.string(), saves: z.enum(['always', 'try', 'never']) })),
});
export type Data = z.infer<typeof dataSchema>;

export const redis: System<Params> = {
  name: 'redis',
  services: ({ server }) => [...new Set([server.service, ...server.replicas])],
  actions({ role, alternate, method, server }, plan, credential) {
    const canary = credential === 'canary';
    const old = canary ? `an ACL user with the rules of ${role}, made for the run` : role;
    const turns = plan === 'planned' && alternate !== undefined && !canary;
    const where = `at every replica of ${[server.service, ...server.replicas].join(' and ')}`;
    const how = { remove: 'remove the old password', resetpass: 'remove all passwords but the new one', deluser: 'ACL DELUSER' }[method];
    const refuse = [`${how} of ${turns ? `the one of ${role} and ${alternate} in use` : old}, ${where}`, 'CLIENT KILL of its old sessions'];
    const issue = `ACL SETUSER: a new password for ${turns ? 'the other' : old}, ${where}`;
    return [
      canary ? `make ${old}, ${where}` : `park a copy of ${role}, as an ACL user that is off, ${where}`,
      ...(plan === 'leak' ? [...refuse, issue] : [issue, ...refuse]),
      canary ? 'delete it' : 'delete the copy',
    ];
  },
  async open(params, scope) {
    const servers = await serversOf(params, scope);
    const looked = await every(servers, (server) => lookAt(server, params, scope)).catch((error: unknown) => {
      throw error instanceof FailedError ? new RefusedError(error.code, error.message, { hint: error.hint }) : error;
    });
    const secret = scope.credential === 'real' ? await current(params, scope) : null;
    const tag = tagOf(scope.runId);
    const users = await usersOf(params, { looked, tag, oldHash: secret === null ? null : hashOf(secret), scope });
    const data: Data = { tag, ...users, servers: looked.map(({ server: { name }, saves }) => ({ name, saves })) };
    return { rotation: openRotation({ params, data, servers, secret, scope, now: () => serversOf(params, scope) }), data };
  },
  async reopen(params, raw, scope) {
    const data = dataSchema.parse(raw);
    return openRotation({
      params,
      data,
      servers: await serversOf(params, scope),
      secret: null,
      scope,
      now: () => serversOf(params, scope),
    });
  },
};

async function serversOf(params: Params, scope: SystemScope): Promise<Server[]> {
  const password = scope.secret(params.admin.password, 'params.admin.password');
  const lists = await Promise.all(
    redis.services(params).map(async (service) => (await scope.service(service)).map((container) => ({ service, container }))),
  );
  const found = lists.flat();
  const all: ContainerInspect[] = [...found.map(({ container }) => container), ...(await scope.others())];
  return found.map(({ service, container }) => {
    const host = addressOf(container, all);
    const { port } = params.server;
    if (host === null)
      throw new RefusedError('no_address', `${plainName(container.Name)} has no address of its own, so nobody can be tried there`);
    return serverAt({ container, point: pointName(service, port, container), host, port }, { user: params.admin.user, password }, scope);
  });
}

async function current(params: Params, scope: SystemScope): Promise<Secret> {
  const given = params.current === undefined ? await scope.held() : scope.secret(params.current, 'params.current');
  if (given !== null) return given;
  throw new RefusedError('no_current', `the password in use of ${params.role} is not known, so nobody could try it`, {
    hint: 'say where it is in params.current, or give a consumer a deliver.file',
  });
}
