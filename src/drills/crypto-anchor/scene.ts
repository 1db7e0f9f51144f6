import { randomBytes } from 'node:crypto';
import { converse } from '../../checks/conversation.ts';
import { startHelper } from '../../container/helper-container.ts';
import { ownLabels } from '../../container/own.ts';
import { InconclusiveError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import { anchorPlaces } from './anchor-places.ts';
import type { Context } from './context.ts';

/** Where the thief is, and where home is. */
export interface Scene extends AsyncDisposable {
  /** An internal network of ours, in which only the thief is. */
  readonly away: string;
  /** A network of the target, from which the anchor is reached. */
  readonly home: string;
  /** Addresses of the anchor from which anything at all came back there, were it a refusal. */
  reachableAway(): Promise<readonly string[]>;
  /** Addresses of the anchor that took a connection there. */
  reachableHome(): Promise<readonly string[]>;
}

const expiresMs = 3_600_000;
const startMs = 15_000;
const connectMs = 3_000;

const taken = [null, 'connection closed at once'];
const answered = [...taken, 'connection refused', 'connection reset'];

/** Makes the network. @throws InconclusiveError as `anchorPlaces`. */
export async function openScene(target: Target, context: Context): Promise<Scene> {
  const { engine, runId, instance, clock, signal } = context;
  const { home, atHome, everywhere } = await anchorPlaces(target, context);
  const expiresAt = clock.now() + expiresMs;
  const away = `pitwall-away-${randomBytes(4).toString('hex')}`;
  signal.throwIfAborted();
  await engine.createNetwork(away, { Internal: true, Labels: ownLabels({ runId, instance, role: 'away', expiresAt }) });
  return {
    away,
    home,
    reachableAway: async () => (await ask(away, everywhere, context)).filter(({ error }) => answered.includes(error)).map(addressOf),
    reachableHome: async () => (await ask(home, atHome, context)).filter(({ error }) => taken.includes(error)).map(addressOf),
    [Symbol.asyncDispose]: () => engine.removeNetwork(away),
  };
}

interface Asked {
  readonly address: string;
  /** Null where it took the connection. */
  readonly error: string | null;
}

/** From a helper in the network. */
async function ask(network: string, addresses: readonly string[], context: Context): Promise<Asked[]> {
  const { engine, runId, instance, clock, signal } = context;
  const helper = await startHelper(engine, {
    runId,
    instance,
    now: clock.now(),
    expiresMs,
    image: (await context.helperImage()).reference,
    role: 'asker',
    work: { module: 'checks/answer.js' },
    network,
    endsWithPitwall: true,
  });
  try {
    const talk = converse(helper);
    const over = new AbortController();
    const late = clock.sleep(startMs, AbortSignal.any([over.signal, signal])).then(() => false);
    const ready = await Promise.race([talk.ready, late]).finally(() => over.abort());
    if (!ready) throw new InconclusiveError('helper', 'the helper that asks for the anchor did not start');
    return await Promise.all(
      addresses.map(async (address) => {
        const seen = await talk.ask({ type: 'tcp', address }, connectMs);
        if (seen === null) throw new InconclusiveError('helper', 'the helper that asks for the anchor gave no answer');
        return { address, error: seen.ok ? null : (seen.error ?? '') };
      }),
    );
  } finally {
    await helper.stop();
  }
}

function addressOf({ address }: Asked): string {
  return address;
}
