import type { CallOptions } from '../../domain/engine/call.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import type { EngineClient } from '../client.ts';
import { segment } from '../path.ts';
import { inspectCall } from './inspect.ts';

/** ms that an engine may need over a container's grace to end and reap it. */
const slack = 30_000;
/** Seconds; the engine's own, for a container that states none. */
const usualGrace = 10;

type Ending = CallOptions & { readonly graceSeconds?: number | undefined };

/**
 * `stop` and `restart` last as long as the container takes, so their limit is its grace and some. Its own grace is looked up only
 * when the usual one was not enough: asking first would cost every stop a call.
 */
export function stopping(client: EngineClient): Pick<Engine, 'stop' | 'restart'> {
  const end = async (verb: 'stop' | 'restart', id: string, options: Ending = {}) => {
    const { graceSeconds = usualGrace, timeoutMs = Math.max(graceSeconds, 0) * 1000 + slack } = options;
    const open = options.graceSeconds === undefined && options.timeoutMs === undefined;
    await client.call(
      {
        method: 'POST',
        path: `/containers/${segment(id)}/${verb}`,
        query: { t: options.graceSeconds },
        accept: [304],
        patient: true,
        action: `${verb} container ${client.names.of(id)}`,
        object: id,
        ...(open ? { extend: async () => ((await ownGrace(client, id)) - usualGrace) * 1000 } : {}),
      },
      { signal: options.signal, timeoutMs },
    );
  };
  return {
    stop: (id, options) => end('stop', id, options),
    restart: (id, options) => end('restart', id, options),
  };
}

async function ownGrace(client: EngineClient, id: string): Promise<number> {
  const found = await client.json<Pick<ContainerInspect, 'Config'>>(inspectCall(client, id));
  const grace = found.Config.StopTimeout ?? usualGrace;
  // negative: it is waited for without end; an hour is as long as we wait
  return grace < 0 ? 3_600 : grace;
}
