import { type DeliveryScope, type Hands, openHands } from '../deliver/hands.ts';
import type { Rotation, SystemScope } from '../system.ts';

/** The scope with helpers that are kept from one call to the next: their start is no part of a rotation. Its signal cuts off nothing that is put back. */
export interface Hold {
  readonly scope: DeliveryScope;
  /** Helpers are taken away, and made again when they are needed again. */
  letGo(): Promise<void>;
}

export function hold(scope: SystemScope): Hold {
  let hands: Hands | null = null;
  return {
    scope: {
      ...scope,
      get hands() {
        hands ??= openHands(scope);
        return hands;
      },
    },
    async letGo() {
      const open = hands;
      hands = null;
      await open?.[Symbol.asyncDispose]();
    },
  };
}

/** The same rotation, which lets go of its helpers when it fails: what is put back after that has helpers of its own. */
export function lettingGo(rotation: Rotation, held: Hold): Rotation {
  const guarded =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      try {
        return await work(...args);
      } catch (error) {
        // the first error is the one to tell; what could not be removed is the sweep's
        await held.letGo().catch(() => undefined);
        throw error;
      }
    };
  const { prepare, issue, refuse, endSessions } = rotation;
  return { ...rotation, prepare: guarded(prepare), issue: guarded(issue), refuse: guarded(refuse), endSessions: guarded(endSessions) };
}
