import { z } from 'zod';
import { oneOf, text } from '../../../config/fields.ts';
import { EngineError, FailedError } from '../../../domain/errors.ts';
import type { SystemScope } from '../system.ts';

/** How a service comes to use a file that was replaced. */
export type Take =
  | { readonly reload: string }
  | { readonly restart: true }
  | { readonly exec: readonly string[] }
  | { readonly nothing: true };

export function takeField(): z.ZodType<Take> {
  return oneOf<Take>(
    {
      reload: () =>
        z.strictObject({
          reload: z
            .string()
            .regex(/^SIG[A-Z0-9]+$/, { error: 'is not a signal (try SIGHUP)' })
            .describe('The signal that makes it read its files again.'),
        }),
      restart: () => z.strictObject({ restart: z.literal(true).describe('It is restarted.') }),
      exec: () =>
        z.strictObject({ exec: z.array(text()).min(1).describe('A command in each of its containers, such as `[nginx, -s, reload]`.') }),
      nothing: () => z.strictObject({ nothing: z.literal(true).describe('It sees by itself that its files changed.') }),
    },
    'way to take a new file',
  );
}

export function takeWords(take: Take): string {
  if ('reload' in take) return `${take.reload} is sent`;
  if ('restart' in take) return 'a restart';
  if ('exec' in take) return `${take.exec[0]} is run`;
  return 'nothing is told';
}

/** How long a server gets to work by what it was told to take, ms. */
export function settleMs(take: Take): number {
  return 'restart' in take ? 20_000 : 3_000;
}

/** Has one container take it. Throws `FailedError` `step_failed` or `server_down`. */
export async function tell(
  take: Take,
  container: { readonly id: string; readonly container: string },
  scope: Pick<SystemScope, 'engine'>,
): Promise<void> {
  const { engine } = scope;
  try {
    if ('reload' in take) await engine.kill(container.id, take.reload);
    else if ('restart' in take) await engine.restart(container.id);
    else if ('exec' in take) {
      const { exitCode } = await engine.exec(container.id, take.exec, { timeoutMs: 30_000 });
      if (exitCode !== 0)
        throw new FailedError('step_failed', `${take.exec[0]} in ${container.container} ended with exit code ${exitCode ?? 'unknown'}`);
    }
  } catch (error) {
    if (error instanceof EngineError && !error.lost)
      throw new FailedError('server_down', `${container.container} could not be told to take the new file (${error.code})`);
    throw error;
  }
}
