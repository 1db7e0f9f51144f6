import type { ContainerInspect, EngineEvent } from '../../domain/engine.ts';
import type { Hold } from '../../domain/evidence.ts';
import type { HoldContext } from './io.ts';

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
  const events = await eventsOf(hold, eyes);
  const running = inspect.State.Running;
  if (events.length > 0) {
    const said = events.map((event) => `${nameOf(event)} at ${new Date(Number(event.timeNano / 1_000_000n)).toISOString()}`).join(', ');
    return `seal broken: ${running ? 'thawed' : 'ended'} by somebody (${said})`;
  }
  if (Date.parse(inspect.State.StartedAt) > hold.since) return 'seal broken: the engine restarted, ended it and started it again';
  return running ? 'seal broken: thawed by somebody' : 'seal broken: the engine restarted and ended it';
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
