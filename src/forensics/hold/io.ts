import type { Clock } from '../../domain/clock.ts';
import type { Engine } from '../../domain/engine.ts';
import type { ChangeData, Journal } from '../../domain/journal.ts';
import type { Store } from '../../store/store.ts';

/** A container that is held frozen, as the journal and the hold know it. */
export interface Held {
  readonly evidenceId: string;
  readonly containerId: string;
  /** Its name before it was touched: under it the journal files what is done. */
  readonly containerName: string;
  /** Somebody else had frozen it. */
  readonly foreign: boolean;
}

/** What settling works with, whoever asks for it. */
export interface HoldContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly runId: string;
  readonly store: Pick<Store, 'holds' | 'evidence' | 'instanceId'>;
  /** Reference of the helper image on this engine. */
  helperImage(engine: Engine): Promise<string>;
  /** Where the processes of this machine are shown. (Default: `/proc`.) */
  readonly proc?: string | undefined;
}

/** As `HoldContext`, with the journal that every change is written to before it is made. */
export interface HoldIo extends HoldContext {
  readonly journal: Journal;
}

export function dataOf(held: Held): ChangeData {
  return { evidenceId: held.evidenceId, containerId: held.containerId, containerName: held.containerName, foreign: held.foreign };
}
