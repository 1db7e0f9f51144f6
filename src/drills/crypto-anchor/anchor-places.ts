import { InconclusiveError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import type { Context } from './context.ts';
import { runningAt } from './place.ts';

/** Where the anchor is, and where the target meets it. */
export interface AnchorPlaces {
  /** A network of the target, from which the anchor is reached. */
  readonly home: string;
  /** Where the anchor answers in that network: `10.0.0.2:8200`. */
  readonly atHome: readonly string[];
  /** Everywhere that it is. */
  readonly everywhere: readonly string[];
}

/** @throws InconclusiveError when the anchor is nowhere that the target is, or nothing is known of where it listens. */
export async function anchorPlaces(target: Target, { engine, signal, params }: Context): Promise<AnchorPlaces> {
  const own = Object.keys(target.inspect.NetworkSettings.Networks).filter((name) => !['host', 'none'].includes(name));
  const { address, port } = params.anchor;
  if (address !== undefined) {
    const [home] = own;
    if (home === undefined)
      throw new InconclusiveError('no_network', `${target.name} has no network of its own in which a clone of it could be`);
    return { home, atHome: [address], everywhere: [address] };
  }
  const anchors = await Promise.all(
    (await runningAt(engine, params.anchor, target, 'params.anchor')).map(({ id }) => engine.inspect(id, { signal })),
  );
  const ports = port === undefined ? [...new Set(anchors.flatMap(({ Config }) => exposed(Config.ExposedPorts)))] : [port];
  if (ports.length === 0)
    throw new InconclusiveError('no_port', 'the anchor exposes no TCP port, so nobody can tell whether it can be reached', {
      hint: 'say params.anchor.port',
    });
  const [home] = own.filter((name) => anchors.some(({ NetworkSettings }) => name in NetworkSettings.Networks));
  if (home === undefined) throw new InconclusiveError('no_network', `${target.name} and the anchor have no network in common`);
  const all = anchors.flatMap(({ NetworkSettings }) =>
    Object.entries(NetworkSettings.Networks).flatMap(([network, { IPAddress }]) =>
      IPAddress === '' ? [] : ports.map((one) => ({ network, address: `${IPAddress}:${one}` })),
    ),
  );
  return {
    home,
    // what is only in other networks is no control of this one
    atHome: all.filter(({ network }) => network === home).map((one) => one.address),
    everywhere: all.map((one) => one.address),
  };
}

function exposed(ports: unknown): number[] {
  return Object.keys((ports ?? {}) as Record<string, unknown>).flatMap((port) =>
    /^\d+(\/tcp)?$/.test(port) ? [Number.parseInt(port, 10)] : [],
  );
}
