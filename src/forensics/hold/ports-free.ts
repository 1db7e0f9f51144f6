import { buildPath, helperMain } from '../../container/helper-files.ts';
import { nodePath } from '../../container/node-runtime.ts';
import { ownLabels } from '../../container/own.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../domain/errors.ts';
import type { Held, HoldContext } from './io.ts';

const probeMs = 60_000;

/**
 * Proves that the ports of the host that a container publishes by number can be had, by a helper that takes them for a moment. Were one
 * taken, the engine would leave the container half connected: with an interface that it does not know of and cannot take away
 * again. Throws `FailedError` `port_taken`.
 */
export async function portsAreFree(held: Held, inspect: ContainerInspect, network: string, context: HoldContext): Promise<void> {
  const wanted = Object.entries(inspect.HostConfig.PortBindings ?? {}).filter(([, bindings]) => (bindings ?? []).some(isFixed));
  if (wanted.length === 0) return;
  const { engine, clock, store, runId } = context;
  // the same name each time: one whose process was killed still has the ports
  const name = `pitwall-ports-${held.containerId.slice(0, 12)}`;
  await engine.remove(name, { force: true, anonymousVolumes: true });
  const { id } = await engine.create(name, {
    Image: await context.helperImage(engine),
    Entrypoint: [nodePath, `${buildPath}/${helperMain}`],
    Cmd: [String(probeMs), 'command', nodePath, '-e', 'setInterval(() => {}, 1e9)'],
    User: '65534:65534',
    Labels: ownLabels({ runId, role: 'ports', instance: store.instanceId, expiresAt: clock.now() + probeMs }),
    ExposedPorts: Object.fromEntries(wanted.map(([port]) => [port, {}])),
    HostConfig: {
      NetworkMode: network,
      PortBindings: Object.fromEntries(wanted.map(([port, bindings]) => [port, (bindings ?? []).filter(isFixed)])),
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      PidsLimit: 64,
      RestartPolicy: { Name: 'no' },
    },
  });
  try {
    await engine.start(id);
  } catch (error) {
    if (!(error instanceof EngineError) || error.lost) throw error;
    throw new FailedError('port_taken', `${held.containerName} cannot have its ports again: ${error.message}`, {
      cause: error,
      hint: error.hint,
    });
  } finally {
    await engine.remove(id, { force: true, anonymousVolumes: true });
  }
}

function isFixed({ HostPort }: { readonly HostPort: string }): boolean {
  return HostPort !== '' && HostPort !== '0' && !HostPort.includes('-');
}
