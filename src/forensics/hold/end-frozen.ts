import { startHelper } from '../../container/helper-container.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { FailedError } from '../../domain/errors.ts';
import { belongsTo, type Ended, endProcesses } from './end-processes.ts';
import type { Held, HoldContext } from './io.ts';

const helperMs = 60_000;

/**
 * SIGKILL to every process of a frozen container but the first of its PID namespace, which the engine's own kill reaches: from this
 * machine where its processes can be seen, otherwise by a helper in its PID namespace that may do nothing but send signals. Both choose by
 * control group, never `kill -9 -1`: the namespace may be the host's, or another container may have joined it.
 * Throws `FailedError` `cannot_end` when some could not be reached; nothing has been thawed then.
 */
export async function endFrozen(held: Held, inspect: ContainerInspect, context: HoldContext): Promise<'local' | 'helper'> {
  const proc = context.proc ?? '/proc';
  if (inspect.State.Pid > 0 && belongsTo(proc, inspect.State.Pid, inspect.Id)) {
    const ended = endProcesses(inspect.Id, proc);
    // not allowed here (no root): a helper may
    if (ended.failed.length === 0) return 'local';
  }
  const ended = await byHelper(held, context);
  if (ended.failed.length > 0) throw cannot(held, `processes ${ended.failed.join(', ')} could not be sent SIGKILL`);
  if (ended.signalled === 0 && !ended.sawInit) throw cannot(held, 'none of its processes could be told from others');
  return 'helper';
}

async function byHelper(held: Held, context: HoldContext): Promise<Ended> {
  const { engine, clock, store, runId } = context;
  await using helper = await startHelper(engine, {
    image: await context.helperImage(engine),
    runId,
    instance: store.instanceId,
    role: 'end',
    work: { module: 'forensics/hold/end-processes.js', args: [held.containerId] },
    pidContainer: held.containerId,
    capAdd: ['KILL'],
    expiresMs: helperMs,
    now: clock.now(),
  });
  const said: string[] = [];
  for await (const { stream, line } of helper.output) {
    if (stream === 'stdout' && line.startsWith('{')) return JSON.parse(line) as Ended;
    said.push(line);
  }
  throw cannot(held, `the helper in its PID namespace did not answer: ${said.join(' ').slice(0, 300)}`);
}

function cannot(held: Held, why: string): FailedError {
  return new FailedError('cannot_end', `${held.containerName} cannot be ended without letting it run: ${why}; it stays frozen`, {
    hint: `release it otherwise, or end its processes on the engine's own machine while it is frozen`,
  });
}
