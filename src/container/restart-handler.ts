import { z } from 'zod';
import { EngineError } from '../domain/errors.ts';
import type { ChangeHandler, Reconciled } from '../domain/journal.ts';
import { waitHealthy } from './healthy.ts';
import { inspectIfThere } from './look.ts';
import type { SettleContext } from './recreate/settle-context.ts';

const restartData = z.object({
  id: z.string(),
  /** When it had last been started before it was restarted. */
  startedAt: z.string(),
  stopMs: z.number(),
});
export type RestartData = z.infer<typeof restartData>;

const reapMs = 2_000;

/** Makes sure that a container whose restart was cut off runs. */
export const restartHandler: ChangeHandler = {
  kind: 'restart',
  reconcile: (change, context) => settleRestart(change.target, restartData.parse(change.data), { ...context, inFlight: true }),
};

export async function settleRestart(name: string, data: RestartData, context: SettleContext): Promise<Reconciled> {
  const { engine, clock, signal } = context;
  try {
    if (context.inFlight) await landed(data, context);
    const found = await inspectIfThere(engine, data.id);
    if (found === null) return { state: 'undone', note: `${name} was removed by somebody, so there is nothing to put back` };
    if (found.State.Running)
      return found.State.StartedAt === data.startedAt
        ? { state: 'undone', note: 'the container runs as before: it was not restarted' }
        : { state: 'done', note: 'the container runs' };
    await engine.start(data.id);
    const health = await waitHealthy(engine, data.id, { clock, signal, settleMs: 500 });
    const now = await inspectIfThere(engine, data.id);
    if (now?.State.Running) return { state: 'done', note: 'the container was started again' };
    return residue(`${name}: was started again, but ${health.healthy ? 'does not run' : health.reason}; see docker logs ${name}`);
  } catch (error) {
    if (error instanceof EngineError && !error.lost) return residue(`${name}: could not be started (${error.message})`);
    if (error instanceof EngineError || !signal.aborted) throw error;
    return residue(`${name}: was not seen running within the time for it`);
  }
}

/** The engine goes through with a restart although the one who asked is gone: one that still runs may be about to be stopped. */
async function landed(data: RestartData, { engine, clock, signal }: SettleContext): Promise<void> {
  const until = clock.monotonic() + data.stopMs + reapMs;
  for (;;) {
    const now = await inspectIfThere(engine, data.id);
    if (now === null || (now.State.Running && now.State.StartedAt !== data.startedAt) || clock.monotonic() > until) return;
    await clock.sleep(200, signal);
  }
}

function residue(sentence: string): Reconciled {
  return { state: 'residue', residue: [`${sentence}; when the cause is gone run: pitwall recover`] };
}
