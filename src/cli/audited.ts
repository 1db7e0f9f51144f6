import { openAudit } from '../access/audit.ts';
import { errorBody, InvalidError, RefusedError } from '../domain/errors.ts';
import type { App } from './app.ts';

export interface Act {
  readonly act: string;
  readonly object: string | null;
  readonly data: Readonly<Record<string, unknown>> | null;
}

/** Does what this user asks for: in the audit log before it is done, and again where it did not come about. */
export async function audited<T>({ act, object, data }: Act, app: App, work: () => T | Promise<T>): Promise<T> {
  const audit = openAudit(await app.store());
  const note = (said: Act['data']) => audit.record({ who: app.actor, role: 'local', act, object, source: 'command line', data: said });
  note(data);
  try {
    return await work();
  } catch (error) {
    const asked = error instanceof InvalidError || error instanceof RefusedError;
    attempt(() => note({ ...data, outcome: asked ? 'refused' : 'failed', code: errorBody(error).error.code }));
    throw error;
  }
}

/** A log that cannot be written any more is no reason to hide what went wrong first. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}
