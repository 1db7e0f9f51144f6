import type { Command, Door } from '../../../../checks/prober/contract.ts';
import { plainName } from '../../../../container/names.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { FailedError } from '../../../../domain/errors.ts';
import type { Secret } from '../../../../domain/secret.ts';
import type { SystemScope } from '../../system.ts';

/** One server of the service, spoken to as the admin. */
export interface Server {
  readonly id: string;
  readonly name: string;
  /** `db:5432 (shop-db-1)` */
  readonly point: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** Rows of each statement. Throws `FailedError`: `admin_refused`, `server_down`, or `sql_` and the SQLSTATE. */
  ask(statements: readonly (string | Command)[], options?: { readonly database?: string }): Promise<readonly (readonly Row[])[]>;
}

export type Row = Readonly<Record<string, unknown>>;

interface Spot {
  readonly container: ContainerInspect;
  readonly point: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

const timeoutMs = 10_000;

export function serverAt(spot: Spot, admin: { readonly user: string; readonly password: Secret }, scope: SystemScope): Server {
  const { container, point, host, port, database } = spot;
  return {
    id: container.Id,
    name: plainName(container.Name),
    point,
    host,
    port,
    database,
    async ask(statements, options = {}) {
      const prober = await scope.prober(container);
      const door: Door = { protocol: 'postgresql', host, port, database: options.database ?? database, user: admin.user };
      const commands = statements.map((one) => (typeof one === 'string' ? { text: one } : one));
      const answers = await prober.command(door, admin.password, commands, { timeoutMs });
      for (const answer of answers) if (!answer.ok) throw failure(answer, point, admin.user);
      if (answers.length < commands.length) throw new FailedError('server_down', `${point} did not carry out all that it was asked`);
      return answers.map((answer) => (answer.ok ? answer.rows : []));
    },
  };
}

function failure({ answer, code }: { readonly answer: string; readonly code: string }, point: string, user: string): FailedError {
  if (answer === 'refused')
    return new FailedError('admin_refused', `${point} refuses the admin ${user} (${code})`, { hint: 'look at params.admin' });
  // a SQLSTATE has five characters; the classes 08, 57 and 53 are about the connection and the server
  if (/^[0-9A-Z]{5}$/.test(code) && !/^(08|57|53)/.test(code))
    return new FailedError(`sql_${code}`, `${point} refused a statement of the admin ${user} (SQLSTATE ${code})`);
  return new FailedError('server_down', `${point} does not answer the admin ${user} (${code})`);
}
