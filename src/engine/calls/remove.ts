import type { CallOptions } from '../../domain/engine/call.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { EngineClient } from '../client.ts';
import { segment } from '../path.ts';
import { inspectCall } from './inspect.ts';

/** ms that a removal which somebody else began may take, and between two looks at it. */
const patience = { most: 60_000, step: 100 };

export function removal(client: EngineClient): Pick<Engine, 'remove'> {
  return {
    async remove(id, options = {}) {
      try {
        await client.call(
          {
            method: 'DELETE',
            path: `/containers/${segment(id)}`,
            query: { force: options.force === true, v: options.anonymousVolumes === true },
            accept: [404],
            action: `remove container ${client.names.of(id)}`,
            object: id,
          },
          options,
        );
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        if (error.code === 'not_found') return;
        if (!/removal .* in progress/i.test(error.message)) throw error;
        await gone(client, id, options);
      }
    },
  };
}

/** Somebody else is removing it (`--rm`, another client): waits until it is not there. */
async function gone(client: EngineClient, id: string, options: CallOptions): Promise<void> {
  const until = client.clock.monotonic() + (options.timeoutMs ?? patience.most);
  while ((await client.call({ ...inspectCall(client, id), accept: [404] }, { signal: options.signal })).status !== 404) {
    if (client.clock.monotonic() > until) {
      throw new EngineError(
        'conflict',
        `engine ${client.config.name}: cannot remove container ${client.names.of(id)}: its removal by another does not end`,
        {
          hint: 'the engine’s log says why; often a mount is busy',
          context: { engine: client.config.name, object: id },
        },
      );
    }
    await client.clock.sleep(patience.step, options.signal);
  }
}
