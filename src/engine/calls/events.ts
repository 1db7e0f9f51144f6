import type { IncomingMessage } from 'node:http';
import type { EngineEvent } from '../../domain/engine/events.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, type EngineErrorCode } from '../../domain/errors.ts';
import type { Call } from '../call.ts';
import type { EngineClient } from '../client.ts';
import { watched } from '../heartbeat.ts';
import { lineSplitter } from '../lines.ts';
import { filters } from '../path.ts';
import { eventCursor, parseEvent } from './event.ts';

type EventOptions = Parameters<Engine['events']>[0];

/** ms; doubles up to the last. */
const backoff = { first: 100, most: 10_000 };

/** Asking again would be answered the same. */
const final: readonly EngineErrorCode[] = ['engine_refused', 'engine_version', 'engine_identity'];

/** Fails only when the engine cannot be reached at the very first; later it tries again for as long as the signal allows. */
export function events(client: EngineClient): Pick<Engine, 'events'> {
  return { events: (options) => follow(client, options) };
}

async function* follow(client: EngineClient, options: EventOptions): AsyncGenerator<EngineEvent> {
  const { signal } = options;
  const cursor = eventCursor(options.since);
  let connections = 0;
  let wait = backoff.first;
  while (!signal.aborted) {
    try {
      const response = await client.open(callOf(options, cursor.since()), { signal });
      connections += 1;
      cursor.connected(response.headers.date);
      if (connections > 1) {
        client.log('reconnected to the events');
        yield own(client, 'reconnected');
      }
      for await (const event of arriving(client, response, signal)) {
        wait = backoff.first;
        if (cursor.isNew(event)) yield event;
      }
      client.log('the events ended', { retryInMs: wait });
    } catch (error) {
      if (signal.aborted) return;
      if (connections === 0 || (error instanceof EngineError && final.includes(error.code))) throw error;
      client.log('lost the events', { error: error instanceof Error ? error.message : String(error), retryInMs: wait });
    }
    // whoever stops before it is back must know that something may be missing
    if (!signal.aborted && connections > 0) yield own(client, 'lost');
    await client.clock.sleep(wait, signal).catch(() => {});
    wait = Math.min(wait * 2, backoff.most);
  }
}

function own({ clock }: EngineClient, action: 'lost' | 'reconnected'): EngineEvent {
  return { type: 'engine', action, id: '', attributes: {}, timeNano: BigInt(Math.round(clock.now())) * 1_000_000n };
}

async function* arriving(client: EngineClient, response: IncomingMessage, signal: AbortSignal): AsyncGenerator<EngineEvent> {
  const end = () => response.destroy();
  signal.addEventListener('abort', end, { once: true });
  const lines = lineSplitter();
  try {
    if (signal.aborted) return;
    for await (const chunk of watched(client, response)) {
      for (const line of lines.push(chunk)) {
        if (line !== '') yield parseEvent(line);
      }
    }
  } catch (cause) {
    throw signal.aborted ? cause : client.lost(eventsCall, cause);
  } finally {
    signal.removeEventListener('abort', end);
    response.destroy();
  }
}

const eventsCall = { method: 'GET', path: '/events', action: 'follow its events' } as const;

function callOf(options: EventOptions, since: string | undefined): Call {
  return { ...eventsCall, query: { since, filters: filters({ type: options.types, label: options.labels }) } };
}
