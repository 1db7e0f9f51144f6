import { FailedError } from '../../domain/errors.ts';
import { frozen, refusalOf } from './frozen.ts';
import type { Held, HoldContext } from './io.ts';
import { connectedTo } from './networking.ts';

/** Disconnects a frozen container from every network, and reads back that it has none. Throws `FailedError` `not_detached`. */
export async function detach(held: Held, { engine }: Pick<HoldContext, 'engine'>): Promise<void> {
  const refusals: string[] = [];
  const inspect = await frozen(engine, held);
  for (const network of await connectedTo(engine, inspect)) {
    // by its id: another may have taken its name
    const id = inspect.NetworkSettings.Networks[network]?.NetworkID || network;
    const refused = await refusalOf(() => engine.disconnect(id, held.containerId));
    if (refused !== null) refusals.push(`${network}: ${refused.message}`);
  }
  const left = await connectedTo(engine, await frozen(engine, held));
  if (left.length === 0) return;
  throw new FailedError(
    'not_detached',
    `${held.containerName} is still connected to ${left.join(', ')} (${refusals.join('; ')}); it stays frozen`,
  );
}
