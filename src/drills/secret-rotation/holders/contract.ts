/** What holds a secret, before and after a rotation: shapes shared by `findHolders` and `searchOld`. Sentences name places, never values. */
import type { Engine } from '../../../domain/engine.ts';
import type { SystemScope } from '../system.ts';

/** What could not be looked at, and why. */
export interface Unread {
  /** Null: of no container. */
  readonly container: string | null;
  /** `its log: …`, for a sentence after the container's name. */
  readonly what: string;
}

/** Bytes that may still be looked at, of all that one search reads. */
export interface Room {
  /** False when there is no room for them: then nothing is taken. */
  take(bytes: number): boolean;
}

export function roomOf(bytes: number): Room {
  let left = bytes;
  return {
    take(wanted) {
      if (wanted > left) return false;
      left -= wanted;
      return true;
    },
  };
}

/** How containers are read. */
export interface Reading {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly room: Room;
}

/** What a search is given of the drill's scope. */
export type SearchScope = Pick<SystemScope, 'engine' | 'clock' | 'signal' | 'runId' | 'instance' | 'helperImage'>;
