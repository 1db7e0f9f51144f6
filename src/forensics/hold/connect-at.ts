import { type Helper, startHelper } from '../../container/helper-container.ts';
import { nodePath } from '../../container/node-runtime.ts';
import { FailedError } from '../../domain/errors.ts';
import { frozen } from './frozen.ts';
import type { Held, HoldContext } from './io.ts';

export interface Connection {
  /** What it was called when it was recorded. */
  readonly name: string;
  /** The network's id. */
  readonly id: string;
  /** For the engine. */
  readonly endpoint: Readonly<Record<string, unknown>>;
  /** The IPv4 address that it must get; empty when it had none. */
  readonly address: string;
}

/** Lower addresses that others gave back meanwhile and that are in the way. More than that is no longer a matter of moments. */
const mostFillers = 24;
const fillerMs = 120_000;
const mostTries = 10;

/**
 * Connects a container so that it gets the address that it had. One that its owner chose is simply asked for. One that the engine chose
 * cannot be: the engine takes no address for a network whose subnet is its own choice, and gives the lowest that is free. So whatever
 * is free below is filled for the moment, by helpers that do nothing.
 * Throws `EngineError`, and `FailedError` `address_taken` when another container has the address by now.
 */
export async function connectAt(held: Held, connection: Connection, context: HoldContext): Promise<void> {
  const { engine, clock, signal } = context;
  const { id, name, address, endpoint } = connection;
  const fillers: Helper[] = [];
  let tries = 0;
  try {
    for (;;) {
      await engine.connect(id, held.containerId, endpoint);
      const got = await addressIn(held, name, context);
      if (address === '' || got === address) return;
      await engine.disconnect(id, held.containerId);
      const owner = await ownerOf(address, id, context);
      if (owner !== null) {
        throw new FailedError('address_taken', `${held.containerName} had ${address} in ${name}, which ${owner} has by now`, {
          hint: `stop ${owner} and release again, or release it with --to kill`,
        });
      }
      if (asNumber(got) > asNumber(address)) {
        // nobody's, and not free: of one that is about to be there, or just going
        if (tries++ < mostTries) {
          await clock.sleep(200, signal);
          continue;
        }
        throw new FailedError('address_taken', `${held.containerName} had ${address} in ${name}; the engine gives it ${got}`);
      }
      if (fillers.length === mostFillers) {
        throw new FailedError('address_taken', `${held.containerName} had ${address} in ${name}, and too many lower ones are free by now`);
      }
      fillers.push(await filler(id, context));
    }
  } finally {
    await Promise.all(fillers.map((one) => one.stop()));
  }
}

async function addressIn(held: Held, network: string, { engine }: HoldContext): Promise<string> {
  return (await frozen(engine, held)).NetworkSettings.Networks[network]?.IPAddress ?? '';
}

async function ownerOf(address: string, network: string, { engine }: HoldContext): Promise<string | null> {
  const { Containers = {} } = await engine.inspectNetwork(network);
  return Object.values(Containers).find(({ IPv4Address }) => IPv4Address.split('/')[0] === address)?.Name ?? null;
}

async function filler(network: string, context: HoldContext): Promise<Helper> {
  const { engine, clock, store, runId } = context;
  const helper = await startHelper(engine, {
    image: await context.helperImage(engine),
    runId,
    instance: store.instanceId,
    role: 'address',
    work: { command: [nodePath, '-e', 'setInterval(() => {}, 1e9)'] },
    expiresMs: fillerMs,
    now: clock.now(),
  });
  try {
    // made without a network, which excludes all others
    await engine.disconnect('none', helper.id);
    await engine.connect(network, helper.id, {});
    return helper;
  } catch (error) {
    await helper.stop();
    throw error;
  }
}

function asNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
