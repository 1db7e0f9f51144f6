import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Reconciled } from '../../domain/journal.ts';
import { inspectIfThere, look, type Sight } from '../look.ts';
import { type Member, reached } from './change.ts';
import { finish } from './finish.ts';
import { putBack } from './put-back.ts';
import type { SettleContext } from './settle-context.ts';

const createdWithinMs = 5_000;
const reapMs = 2_000;

/**
 * From any step, and from whatever the world has become since, to exactly one running container under the name: back to the old one
 * before the journal says `remove-old`, forwards to the new one after it. Looks at the world and not at what should have happened, so it
 * can be killed and asked again. Throws only when the engine is lost.
 */
export async function settle(members: readonly Member[], step: string | null, context: SettleContext): Promise<Reconciled> {
  if (step === null) return { state: 'undone', note: 'nothing had been done yet' };
  try {
    return await converge(members, step, context);
  } catch (error) {
    if (error instanceof EngineError || !context.signal.aborted) throw error;
    const names = members.map((member) => member.name).join(', ');
    return { state: 'residue', residue: [`${names}: could not be put back within the time for it; run: pitwall recover`] };
  }
}

async function converge(members: readonly Member[], step: string, context: SettleContext): Promise<Reconciled> {
  if (context.inFlight) await landed(members, step, context);
  const sights = await lookAtAll(members, context.engine);
  if (goesForward(sights, step)) {
    const finished = await finish(sights, step, context);
    if (finished !== null) return finished;
  }
  return putBack(await lookAtAll(members, context.engine), step, context);
}

/** Before `remove-old` only when the old one was taken away by somebody and the new one is all there is. */
function goesForward(sights: readonly Sight[], step: string): boolean {
  if (sights.some(({ fresh, stranger }) => fresh === null || stranger !== null)) return false;
  return reached(step, 'remove-old') || (reached(step, 'stop') && sights.some(({ old }) => old === null));
}

async function lookAtAll(members: readonly Member[], engine: Engine): Promise<Sight[]> {
  return Promise.all(members.map((member) => look(engine, member)));
}

/**
 * An engine goes on with what it was asked although the one who asked is gone. A container on its way down looks as if it ran: were that
 * believed, the service would end right after having been called safe. What has not ended by then is stopped again where it is put back.
 */
async function landed(members: readonly Member[], step: string, { engine, clock, signal }: SettleContext): Promise<void> {
  const now = clock.monotonic();
  const creating = step === 'create' ? members.find((member) => member.newId === null) : undefined;
  while (creating !== undefined && clock.monotonic() < now + createdWithinMs && (await inspectIfThere(engine, creating.fresh)) === null) {
    await clock.sleep(250, signal);
  }
  if (step !== 'stop') return;
  const until = now + Math.max(...members.map((member) => member.stopMs)) + reapMs;
  for (const member of members) {
    while (clock.monotonic() < until && (await inspectIfThere(engine, member.id))?.State.Running) await clock.sleep(200, signal);
  }
}
