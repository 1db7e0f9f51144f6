import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { EngineEvent } from '../../domain/engine/events.ts';
import type { Hold } from '../../domain/evidence.ts';
import type { HoldContext } from './io.ts';
import { networkIfThere } from './networking.ts';

type Eyes = Pick<HoldContext, 'engine' | 'clock'>;

/** What thaws or ends a container. */
const telling = new Set(['unpause', 'kill', 'stop', 'restart', 'start', 'die', 'oom', 'destroy']);
const rememberedWithinMs = 500;

/**
 * How a hold has ended by itself, for its ending; null while it is frozen. The engine's events tell who it was, as far as it remembers
 * them: 256, and none from before its own start.
 */
export async function brokenSeal(hold: Hold, inspect: ContainerInspect | null, eyes: Eyes): Promise<string | null> {
  if (inspect?.State.Paused) return null;
  if (inspect === null) return 'gone';
  const running = inspect.State.Running;
  if (await engineRestarted(hold, eyes))
    return `seal broken: the engine restarted and ended it${running ? ', and it was started again' : ''}`;
  const events = await eventsOf(hold, eyes);
  const said = events.map((event) => `${nameOf(event)} at ${new Date(Number(event.timeNano / 1_000_000n)).toISOString()}`);
  return `seal broken: ${running ? 'thawed' : 'ended'} by somebody${said.length === 0 ? '' : ` (${said.join(', ')})`}`;
}

/**
 * Without live-restore a start thaws and ends what was frozen, and what the engine's events say of that looks like somebody's doing. It
 * makes its default network anew at each start.
 */
async function engineRestarted(hold: Hold, { engine }: Eyes): Promise<boolean> {
  const { liveRestore } = await engine.info();
  const bridge = (await networkIfThere(engine, 'bridge')) as { readonly Created?: string } | null;
  return !liveRestore && Date.parse(bridge?.Created ?? '') > hold.since;
}

function nameOf({ action, attributes }: EngineEvent): string {
  return action === 'kill' && attributes.signal !== undefined ? `kill with signal ${attributes.signal}` : action;
}

/** Of this container since its last pause. An engine that cannot tell is no reason not to say what is seen. */
async function eventsOf(hold: Hold, { engine, clock }: Eyes): Promise<EngineEvent[]> {
  const stop = new AbortController();
  const timer = clock.sleep(rememberedWithinMs, stop.signal).then(
    () => stop.abort(),
    () => undefined,
  );
  let found: EngineEvent[] = [];
  try {
    for await (const event of engine.events({ since: hold.since, types: ['container'], signal: stop.signal })) {
      if (event.id !== hold.containerId) continue;
      if (event.action === 'pause') found = [];
      else if (telling.has(event.action)) found.push(event);
    }
  } catch {
    // ended by the signal, or not to be had
  } finally {
    stop.abort();
    await timer;
  }
  return found;
}
