import { busyboxPath } from '../container/busybox.ts';
import { startHelper } from '../container/helper-container.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import { EngineError, RefusedError } from '../domain/errors.ts';
import { isSkipped } from '../domain/target.ts';
import { endpointOf } from './outside.ts';
import type { Outside } from './probe.ts';
import { dummyExpiresMs, type Workshop } from './tools.ts';

/**
 * The outside, with its control: a decoy is connected to from the host, so that silence towards a dummy means something. Its container need not have
 * opted in, as it is connected to and nothing else. Throws `RefusedError` when that container asks to be left alone.
 */
export async function withControl(shop: Workshop, outside: Outside | null, running: readonly ContainerInspect[]): Promise<Outside | null> {
  if (outside === null || !('decoy' in outside)) return outside;
  const { host, port } = endpointOf(outside.decoy);
  const holder = running.find(({ NetworkSettings }) =>
    Object.values(NetworkSettings.Networks).some((end) => end.IPAddress === host || end.GlobalIPv6Address === host),
  );
  if (holder !== undefined && isSkipped(holder.Config.Labels))
    throw new RefusedError('decoy_skipped', `params.decoy: ${outside.decoy} is ${holder.Name.slice(1)}, which is labelled pitwall.skip`);
  return (await answers(shop, host, port)) ? { ...outside, answers: true } : outside;
}

async function answers(shop: Workshop, host: string, port: number): Promise<boolean> {
  if ('none' in shop.tools) return false;
  try {
    await using helper = await startHelper(shop.engine, {
      image: shop.helperImage,
      runId: shop.runId,
      instance: shop.instance,
      role: 'observer',
      work: { command: [busyboxPath, 'sh', '-c', `${busyboxPath} nc -w 2 ${host} ${port} -e ${busyboxPath} true; echo "answered $?"`] },
      expiresMs: Math.min(dummyExpiresMs, 30_000),
      now: shop.now(),
      hostNetwork: true,
    });
    for await (const { line } of helper.output) if (line.startsWith('answered ')) return line === 'answered 0';
    return false;
  } catch (error) {
    // an engine that lets nobody into the host's network: the control is then not to be had
    if (error instanceof EngineError && !error.lost) return false;
    throw error;
  }
}
