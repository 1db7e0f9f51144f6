import { busyboxPath } from '../container/busybox.ts';
import { startHelper } from '../container/helper-container.ts';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import { EngineError } from '../domain/errors.ts';
import type { Seen } from './probe.ts';
import { readAnswers, type ScriptStep, scriptOf } from './script.ts';
import { readSeen, seenStepsOf } from './seen.ts';
import { newNonce } from './start-once.ts';
import { dummyExpiresMs, type Workshop } from './tools.ts';

/** The original's own processes and sockets, read by a helper in its PID and network namespaces, which touches nothing. Null when it does not run. */
export async function observe(shop: Workshop, { Id, State, HostConfig }: ContainerInspect): Promise<Seen | null> {
  if ('none' in shop.tools) return null;
  const nonce = newNonce();
  const steps = observingSteps({ State, HostConfig });
  const script = scriptOf(steps, nonce, { setUp: `B=${busyboxPath}; export B` });
  try {
    await using helper = await startHelper(shop.engine, {
      image: shop.helperImage,
      runId: shop.runId,
      instance: shop.instance,
      role: 'observer',
      work: { command: [busyboxPath, 'sh', '-c', script] },
      expiresMs: Math.min(dummyExpiresMs, 30_000),
      now: shop.now(),
      networkContainer: Id,
      pidContainer: Id,
    });
    const lines: string[] = [];
    for await (const { line } of helper.output) {
      lines.push(line);
      if (line === `${nonce} end 0 `) break;
    }
    return readSeen(readAnswers(lines, steps, nonce).results);
  } catch (error) {
    // it ended, or is paused, or lets nobody into its namespaces
    if (error instanceof EngineError && !error.lost) return null;
    throw error;
  }
}

/** What the helper runs. */
export function observingSteps({ State, HostConfig }: Pick<ContainerInspect, 'State' | 'HostConfig'>): readonly ScriptStep[] {
  return seenStepsOf(firstOf(HostConfig.PidMode, State.Pid));
}

/** In the host's PID namespace its first process is not the first: that would be the host's. */
function firstOf(mode: string, pid: number): number | null {
  if (mode === 'host') return pid;
  return mode.startsWith('container:') ? null : 1;
}
