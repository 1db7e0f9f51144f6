import { openAudit } from '../access/audit.ts';
import type { App } from './app.ts';

/** Writes an act of this user to the audit log, before it is done. */
export async function audited(act: string, object: string | null, data: Readonly<Record<string, unknown>> | null, app: App): Promise<void> {
  openAudit(await app.store()).record({ who: app.actor, role: 'local', act, object, source: 'command line', data });
}
