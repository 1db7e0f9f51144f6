/** What the drill and its helpers in the namespaces say to each other, a line of JSON each. */
import type { Protocol } from '../../domain/matrix.ts';

/** Nothing is asked about UDP but what the helper itself can hear. */
export type Request =
  | { readonly do: 'connect'; readonly id: number; readonly timeoutMs: number; readonly hold: boolean; readonly targets: readonly Spot[] }
  | { readonly do: 'listen'; readonly id: number; readonly ports: readonly number[]; readonly prefix: string }
  | { readonly do: 'send'; readonly id: number; readonly targets: readonly (Spot & { readonly token: string })[] }
  | { readonly do: 'heard'; readonly id: number }
  | { readonly do: 'held'; readonly id: number };

export interface Spot {
  readonly key: number;
  readonly address: string;
  readonly port: number;
}

/**
 * `hung-up`: the connection was accepted and closed at once without a word, as Docker's proxy does when nothing listens behind it.
 * `sent`: UDP that nobody refused, which says nothing of who got it.
 */
export type Reach = 'open' | 'hung-up' | 'refused' | 'timeout' | 'unreachable' | 'error' | 'sent';

export interface Answer {
  readonly key: number;
  readonly reach: Reach;
  /** The error's code, where there was one. */
  readonly errno: string | null;
  readonly tries: number;
}

/** UDP ports by those that were asked for: another one stands in where the workload has the port itself; null where none could be had. */
export type Listening = Readonly<Record<string, number | null>>;

export interface HeldConnection {
  readonly key: number;
  readonly alive: boolean;
}

export type Said =
  | { readonly own: Own }
  | { readonly answer: Answer; readonly of: number }
  | {
      readonly done: number;
      readonly listening?: Listening;
      readonly heard?: readonly string[];
      readonly held?: readonly HeldConnection[];
    };

/** A network namespace as it is seen from inside. */
export interface Own {
  readonly addresses: readonly OwnAddress[];
  readonly listeners: readonly Listener[];
  /** Connections that were there before the drill. */
  readonly established: readonly Established[];
  /** It passes on what is not meant for it. */
  readonly forwards: boolean;
}

export interface OwnAddress {
  readonly interface: string;
  readonly address: string;
  readonly cidr: string | null;
  readonly internal: boolean;
}

export interface Listener {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

export interface Established {
  readonly localPort: number;
  readonly address: string;
  readonly port: number;
}
