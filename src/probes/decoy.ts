import type { ContainerInspect } from '../domain/engine.ts';
import { observe } from './observe.ts';
import { endpointOf } from './outside.ts';
import type { Outside } from './probe.ts';
import type { Workshop } from './tools.ts';

/** The outside, with its control: a decoy in a container is looked at from its own namespace, so that silence towards a dummy means something. */
export async function withControl(shop: Workshop, outside: Outside | null, running: readonly ContainerInspect[]): Promise<Outside | null> {
  if (outside === null || !('decoy' in outside)) return outside;
  const { host, port } = endpointOf(outside.decoy);
  const holder = running.find(({ NetworkSettings }) =>
    Object.values(NetworkSettings.Networks).some((end) => end.IPAddress === host || end.GlobalIPv6Address === host),
  );
  const seen = holder === undefined ? null : await observe(shop, holder);
  const listens = seen?.listeners.some((one) => one.port === port && [host, '0.0.0.0', '0:0:0:0:0:0:0:0'].includes(one.address)) ?? false;
  return listens ? { ...outside, answers: true } : outside;
}
