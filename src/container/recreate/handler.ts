import type { ChangeHandler } from '../../domain/journal.ts';
import { membersOf } from './change.ts';
import { settle } from './settle.ts';

/** Finishes or undoes a recreate whose process is gone. */
export const recreateHandler: ChangeHandler = {
  kind: 'recreate',
  reconcile: (change, context) => settle(membersOf(change.data), change.step, { ...context, inFlight: true }),
};
