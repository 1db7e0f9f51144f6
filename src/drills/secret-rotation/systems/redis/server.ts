import type { CommandAnswer, Prober, Sample } from '../../../../checks/prober/contract.ts';
import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { EngineError, FailedError, InconclusiveError } from '../../../../domain/errors.ts';
import type { Secret } from '../../../../domain/secret.ts';
import type { Point, SystemScope } from '../../system.ts';
import { type AclUser, parseUsers } from './acl.ts';

/** One server, spoken to as the admin, from inside its own network. */
export interface Server {
  /** The container's. */
  readonly name: string;
  readonly host: string;
  /** All that it has. */
  readonly addresses: readonly string[];
  readonly point: Point;
  /** The replies. Throws `FailedError`: `admin_refused`, `admin_rights`, `server_down`, or `redis_` and the reply's code. */
  ask(commands: readonly (readonly string[])[]): Promise<readonly unknown[]>;
  /** As `ask`; null where the admin may not, or the server does not know it. */
  askIfAllowed(commands: readonly (readonly string[])[]): Promise<readonly unknown[] | null>;
  users(): Promise<ReadonlyMap<string, AclUser>>;
  /** One login, by whomever. */
  login(user: string, secret: Secret): Promise<Sample>;
}

interface Spot {
  readonly container: ContainerInspect;
  readonly point: string;
  readonly host: string;
  readonly port: number;
}

const timeoutMs = 5_000;

export function serverAt(spot: Spot, admin: { readonly user: string; readonly password: Secret }, scope: SystemScope): Server {
  const { container, host, port } = spot;
  const point: Point = {
    name: spot.point,
    target: plainName(container.Name),
    door: (user) => ({ protocol: 'redis', host, port, user }),
    modes: ['login', 'session'],
  };

  async function prober(): Promise<Prober> {
    try {
      return await scope.prober(container);
    } catch (error) {
      // a container that has stopped has no network to be in; the other servers are not to be kept waiting for it
      const here = error instanceof InconclusiveError || (error instanceof EngineError && !error.lost);
      if (!here) throw error;
      throw new FailedError('server_down', `${point.name} cannot be reached: no prober runs in its network (${error.code})`, {
        cause: error,
      });
    }
  }

  async function answers(commands: readonly (readonly string[])[]): Promise<readonly CommandAnswer[]> {
    const sent = commands.map(([text = '', ...values]) => ({ text, values }));
    return (await prober()).command(point.door(admin.user), admin.password, sent, { timeoutMs });
  }

  async function ask(commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    const given = await answers(commands);
    const replies = given.map((answer, index) => {
      if (!answer.ok) throw failure(answer.code, point.name, admin.user, commands[index] ?? []);
      return answer.rows[0]?.reply;
    });
    if (replies.length < commands.length) throw new FailedError('server_down', `${point.name} did not answer all that it was asked`);
    return replies;
  }

  return {
    name: plainName(container.Name),
    host,
    addresses: Object.values(container.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress),
    point,
    ask,
    async askIfAllowed(commands) {
      try {
        return await ask(commands);
      } catch (error) {
        if (error instanceof FailedError && ['admin_rights', 'redis_ERR'].includes(error.code)) return null;
        throw error;
      }
    },
    async users() {
      const [reply] = await ask([['ACL', 'LIST']]);
      return parseUsers(reply);
    },
    async login(user, secret) {
      return (await prober()).once({ door: point.door(user), secret, mode: 'login', timeoutMs });
    },
  };
}

/** Never the server's own text: it may repeat what it was sent. Of the command its name alone: what follows may be a hash. */
function failure(code: string, point: string, user: string, [command = '', sub = '']: readonly string[]): FailedError {
  const what = ['ACL', 'CLIENT', 'CONFIG'].includes(command) ? `${command} ${sub}` : command;
  if (['WRONGPASS', 'NOAUTH'].includes(code))
    return new FailedError('admin_refused', `${point} refuses the admin ${user} (${code})`, { hint: 'look at params.admin' });
  if (code === 'NOPERM')
    return new FailedError('admin_rights', `the admin ${user} may not run ${what} at ${point} (NOPERM)`, {
      hint: `it needs +@admin, or at least +acl, +client|list and +client|kill`,
    });
  // Redis answers with a word in capitals; ECONNREFUSED and its like are the network's
  const redis = code === 'ERR' || (/^[A-Z]+$/.test(code) && !/^E[A-Z]{3,}$/.test(code));
  if (redis && !['LOADING', 'MASTERDOWN', 'BUSY'].includes(code))
    return new FailedError(`redis_${code}`, `${point} refused ${what} (${code})`, {
      hint: sub === 'LIST' ? 'ACL users came with Redis 6' : undefined,
    });
  return new FailedError('server_down', `${point} does not answer the admin ${user} (${code})`);
}
