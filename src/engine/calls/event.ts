import type { EngineEvent } from '../../domain/engine/events.ts';
import { nanoSeconds } from './since.ts';

interface RawEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> | null };
}

/** One line of `GET /events`. */
export function parseEvent(line: string): EngineEvent {
  const raw = JSON.parse(line) as RawEvent;
  return {
    type: raw.Type ?? '',
    action: raw.Action ?? '',
    id: raw.Actor?.ID ?? '',
    attributes: raw.Actor?.Attributes ?? {},
    // JSON.parse would round it to 256 ns. Inside a string the quotes would be escaped, so this can only be the key.
    timeNano: BigInt(/"timeNano":(\d+)/.exec(line)?.[1] ?? 0),
  };
}

/** More than the engine itself remembers (256). */
const remembered = 1024;
/** Events carry the time at which they were made, and two that are made together may arrive the wrong way round. */
const overlap = 1_000_000_000n;

/** Where we are in an engine's events: what to ask for after a loss, and which of what then comes was seen before it. */
export function eventCursor(sinceMs: number | undefined) {
  let floor = sinceMs === undefined ? null : BigInt(Math.round(sinceMs)) * 1_000_000n;
  let newest: bigint | null = null;
  const seen = new Set<string>();
  return {
    since(): string | undefined {
      if (floor === null) return undefined;
      const from = newest === null ? floor : newest - overlap;
      return nanoSeconds(from > floor ? from : floor);
    },
    /** `date` is the answer's header: the engine's own clock when it began to send, by the second. */
    connected(date: string | undefined): void {
      const at = date === undefined ? Number.NaN : Date.parse(date);
      if (floor === null && !Number.isNaN(at)) floor = BigInt(at) * 1_000_000n;
    },
    isNew(event: EngineEvent): boolean {
      const key = `${event.timeNano}/${event.type}/${event.action}/${event.id}`;
      if (seen.has(key)) return false;
      seen.add(key);
      const [oldest] = seen;
      if (seen.size > remembered && oldest !== undefined) seen.delete(oldest);
      if (newest === null || event.timeNano > newest) newest = event.timeNano;
      return true;
    },
  };
}
