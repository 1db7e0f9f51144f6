import { FailedError } from '../../domain/errors.ts';
import { frozen, refusalOf } from './frozen.ts';
import type { Held, HoldContext } from './io.ts';
import { connectedTo } from './networking.ts';

/** Disconnects a frozen container from every network, and reads back that it has none. Throws `FailedError` `not_detached`. */
export async function detach(held: Held, { engine }: Pick<HoldContext, 'engine'>): Promise<void> {
  const refusals: string[] = [];
  for (const [network, endpoint] of connectedTo(await frozen(engine, held))) {
    // by its id: another may have taken its name
    const refused = await refusalOf(() => engine.disconnect(endpoint.NetworkID === '' ? network : endpoint.NetworkID, held.containerId));
    if (refused !== null) refusals.push(`${network}: ${refused.message}`);
  }
  const left = connectedTo(await frozen(engine, held)).map(([network]) => network);
  if (left.length === 0) return;
  throw new FailedError(
    'not_detached',
    `${held.containerName} is still connected to ${left.join(', ')} (${refusals.join('; ')}); it stays frozen`,
  );
}
