import { randomBytes } from 'node:crypto';
import { converse } from '../../checks/conversation.ts';
import { startHelper } from '../../container/helper-container.ts';
import { ownLabels } from '../../container/own.ts';
import { InconclusiveError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import type { Context } from './context.ts';
import { runningAt } from './place.ts';

/** Where the thief is, and where home is. */
export interface Scene extends AsyncDisposable {
  /** An internal network of ours, in which only the thief is. */
  readonly away: string;
  /** A network of the target in which the anchor is too. */
  readonly home: string;
  /** Addresses of the anchor, `10.0.0.2:8200`. */
  readonly anchors: readonly string[];
  /** Those that answer from there. */
  reachable(network: string): Promise<readonly string[]>;
}

const expiresMs = 3_600_000;
const startMs = 15_000;
const connectMs = 1_000;

/** Makes the network. @throws InconclusiveError when the anchor is nowhere that the target is, or nothing is known of where it listens. */
export async function openScene(target: Target, context: Context): Promise<Scene> {
  const { engine, runId, instance, clock, signal, params } = context;
  const given = { runId, instance, now: clock.now(), expiresMs };
  const anchors = await Promise.all(
    (await runningAt(engine, params.anchor, target, 'params.anchor')).map(({ id }) => engine.inspect(id, { signal })),
  );
  const ports =
    params.anchor.port === undefined ? [...new Set(anchors.flatMap(({ Config }) => exposed(Config.ExposedPorts)))] : [params.anchor.port];
  if (ports.length === 0)
    throw new InconclusiveError('no_port', 'the anchor exposes no TCP port, so nobody can tell whether it can be reached', {
      hint: 'say params.anchor.port',
    });
  const own = target.inspect.NetworkSettings.Networks;
  const shared = Object.keys(own).filter((name) => anchors.some(({ NetworkSettings }) => name in NetworkSettings.Networks));
  const [home] = shared.filter((name) => !['host', 'none'].includes(name));
  if (home === undefined) throw new InconclusiveError('no_network', `${target.name} and the anchor have no network in common`);
  const places = (wanted: (network: string) => boolean) =>
    anchors.flatMap(({ NetworkSettings }) =>
      Object.entries(NetworkSettings.Networks).flatMap(([name, { IPAddress }]) =>
        IPAddress === '' || !wanted(name) ? [] : ports.map((port) => `${IPAddress}:${port}`),
      ),
    );
  const all = places(() => true);
  const away = `pitwall-away-${randomBytes(4).toString('hex')}`;
  signal.throwIfAborted();
  await engine.createNetwork(away, { Internal: true, Labels: ownLabels({ ...given, role: 'away', expiresAt: given.now + expiresMs }) });
  return {
    away,
    home,
    anchors: all,
    async reachable(network) {
      // what is only in other networks is no control of this one
      const asked = network === away ? all : places((name) => name === network);
      const helper = await startHelper(engine, {
        ...given,
        image: (await context.helperImage()).reference,
        role: 'asker',
        work: { module: 'checks/answer.js' },
        network,
        endsWithPitwall: true,
      });
      try {
        const talk = converse(helper);
        const late = new AbortController();
        const ready = await Promise.race([
          talk.ready,
          clock.sleep(startMs, AbortSignal.any([late.signal, signal])).then(() => false),
        ]).finally(() => late.abort());
        if (!ready) throw new InconclusiveError('helper', 'the helper that asks for the anchor did not start');
        const answers = await Promise.all(
          asked.map(async (address) => ({ address, seen: await talk.ask({ type: 'tcp', address }, connectMs) })),
        );
        if (answers.some(({ seen }) => seen === null))
          throw new InconclusiveError('helper', 'the helper that asks for the anchor gave no answer');
        return answers.filter(({ seen }) => seen?.ok === true).map(({ address }) => address);
      } finally {
        await helper.stop();
      }
    },
    [Symbol.asyncDispose]: () => engine.removeNetwork(away),
  };
}

function exposed(ports: unknown): number[] {
  return Object.keys((ports ?? {}) as Record<string, unknown>).flatMap((port) =>
    /^\d+(\/tcp)?$/.test(port) ? [Number.parseInt(port, 10)] : [],
  );
}
