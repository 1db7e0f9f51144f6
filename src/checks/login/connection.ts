import type { LookupFunction } from 'node:net';
import type { Answer, Command, CommandAnswer } from '../prober/contract.ts';

/** What was answered to one thing asked. `code`: see `Sample`; null when accepted. */
export interface Verdict {
  readonly answer: Answer;
  readonly code: string | null;
}

export const accepted: Verdict = { answer: 'accepted', code: null };

/** One connection of a client library, from its opening to its end: never opened again, no pool, nothing tried twice. No method rejects. */
export interface Connection {
  /** Called once, first. What has no answer stays unanswered: time-outs are the caller's. */
  login(): Promise<Verdict>;
  /** Something harmless, over the connection that logged in. One at a time. */
  ask(): Promise<Verdict>;
  /** For systems that carry out commands. One at a time. */
  command?(command: Command): Promise<CommandAnswer>;
  /** How it ended, when it did; null while it may still answer. */
  over(): Verdict | null;
  /** Takes leave where the protocol has a way to, and lets go soon in any case. */
  leave(): void;
  /** Cuts it off: for one that does not answer, which would keep its half of a connection that is only closed. */
  destroy(): void;
}

export interface Network {
  readonly lookup: LookupFunction;
  /** The connection is to go on after its first answer. */
  readonly keep: boolean;
}
