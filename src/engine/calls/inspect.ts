import type { Call } from '../call.ts';
import type { EngineClient } from '../client.ts';
import { segment } from '../path.ts';

/** The call that looks at one container. */
export function inspectCall(client: EngineClient, id: string): Call {
  return { method: 'GET', path: `/containers/${segment(id)}/json`, action: `inspect container ${client.names.of(id)}`, object: id };
}
