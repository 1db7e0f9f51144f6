import { z } from 'zod';
import { text } from '../../../config/fields.ts';
import { plainName } from '../../../container/names.ts';
import { EngineError, FailedError, RefusedError } from '../../../domain/errors.ts';
import type { SystemScope } from '../system.ts';

/** A command of the user's own, in the first running container of a service. What it prints is read and never shown. */
export interface OwnCommand {
  readonly exec: readonly string[];
  readonly in: { readonly service: string };
}

export function ownCommand(): z.ZodType<OwnCommand> {
  return z.strictObject({
    exec: z.array(text()).min(1).describe('The command and its arguments.'),
    in: z.strictObject({ service: text().describe('The service in whose container it is run; among the targets.') }),
  });
}

/** What it printed on standard output. Throws `FailedError` `step_failed` with its exit code alone. */
export async function runOwn(what: string, command: OwnCommand, stdin: string | undefined, scope: SystemScope): Promise<string> {
  const [container] = await scope.service(command.in.service);
  if (container === undefined) throw new FailedError('server_down', `no container of ${command.in.service} runs, where ${what} is done`);
  const where = `${what} (${command.exec[0]} in ${plainName(container.Name)})`;
  try {
    const options = { timeoutMs: 120_000, signal: scope.signal, ...(stdin === undefined ? {} : { stdin }) };
    const { exitCode, stdout, truncated } = await scope.engine.exec(container.Id, command.exec, options);
    if (exitCode === 0 && !truncated) return stdout;
    throw new FailedError(
      'step_failed',
      `${where} ended with exit code ${exitCode ?? 'unknown'}${truncated ? ' and printed too much' : ''}`,
    );
  } catch (error) {
    if (error instanceof EngineError && !error.lost) throw new FailedError('step_failed', `${where} could not be run (${error.code})`);
    throw error;
  }
}

/** Running containers of a service, at least one. */
export async function someOf(service: string, scope: SystemScope) {
  const containers = await scope.service(service);
  if (containers.length === 0) throw new RefusedError('no_server', `no target of service ${service} runs`);
  return containers;
}
