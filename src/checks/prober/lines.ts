import type { Answer, Command, CommandAnswer, Door, Mode } from './contract.ts';

/** What a prober's helper is told: one line of JSON each, by its standard input, for they carry secrets. */
export type Request =
  | { readonly do: 'time'; readonly id: number }
  | ({ readonly do: 'start'; readonly everyMs: number } & Attempt)
  | { readonly do: 'stop'; readonly id: number }
  | ({ readonly do: 'once' } & Attempt)
  | {
      readonly do: 'command';
      readonly id: number;
      readonly door: Door;
      readonly secret: string;
      readonly commands: readonly Command[];
      readonly timeoutMs: number;
    };

export interface Attempt {
  readonly id: number;
  readonly door: Door;
  readonly secret: string;
  readonly mode: Mode;
  readonly timeoutMs: number;
}

/** Of the request `id`: due, started, ended (ms of the helper's monotonic clock), answer (its place in `answers`), code. */
export type SampleLine = readonly [id: number, due: number, started: number, ended: number, answer: number, code: string | null];

/** What it says, a line each. */
export type Said =
  | { readonly ready: true }
  | { readonly time: number; readonly of: number }
  | { readonly samples: readonly SampleLine[] }
  /** A series has ended: no further sample of it comes. */
  | { readonly over: number }
  | { readonly answers: readonly CommandAnswer[]; readonly of: number };

export const answers: readonly Answer[] = ['accepted', 'refused', 'closed', 'unknown'];
