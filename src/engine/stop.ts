import type { CallOptions, Engine } from '../domain/engine.ts';
import type { EngineClient } from './client.ts';
import { segment } from './path.ts';

/** What an engine may need over a container's grace to end and reap it. */
const slack = 30_000;
/** The engine's own, for a container that states none. */
const usualGrace = 10;

type Ending = CallOptions & { readonly graceSeconds?: number | undefined };

/**
 * `stop` and `restart` last as long as the container takes, so their limit is its grace and some. Its own grace is looked up only
 * when the usual one was not enough: asking first would cost every stop a call.
 */
export function stopping(client: EngineClient): Pick<Engine, 'stop' | 'restart'> {
  const end = async (verb: 'stop' | 'restart', id: string, options: Ending = {}) => {
    const known = options.graceSeconds ?? usualGrace;
    const unknown = options.graceSeconds === undefined && options.timeoutMs === undefined;
    await client.call(
      {
        method: 'POST',
        path: `/containers/${segment(id)}/${verb}`,
        query: { t: options.graceSeconds },
        accept: [304],
        action: `${verb} container ${id}`,
        object: id,
        ...(unknown ? { extend: async () => (await ownGrace(client, id)) * 1000 - known * 1000 } : {}),
      },
      { signal: options.signal, timeoutMs: options.timeoutMs ?? Math.max(known, 0) * 1000 + slack },
    );
  };
  return {
    stop: (id, options) => end('stop', id, options),
    restart: (id, options) => end('restart', id, options),
  };
}

async function ownGrace(client: EngineClient, id: string): Promise<number> {
  const call = { method: 'GET', path: `/containers/${segment(id)}/json`, action: `inspect container ${id}`, object: id } as const;
  const found = await client.json<{ Config: { StopTimeout?: number | null } }>(call);
  return found.Config.StopTimeout ?? usualGrace;
}
