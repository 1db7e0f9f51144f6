export interface Limits {
  /** The whole request must have come in within this time; default 10 s. */
  readonly requestMs: number;
  /** A handler must have answered within this time (a plan asks the engine); default 60 s. */
  readonly handlerMs: number;
  /** A connection on which nothing is asked is closed after this time; default 5 s, 0 for never. */
  readonly idleMs: number;
  /** Default 64 KiB: no body of this API is large. */
  readonly bodyBytes: number;
  readonly connections: number;
  /** Server-sent event streams at a time, of all and of one caller; of pages and of runs each. */
  readonly followers: number;
  readonly followersEach: number;
  /** So many of each act at once by one caller, then one a second; default 60. */
  readonly acts: number;
  /** Requests that read, at once by one caller, then a hundred a second; default 1,000. Who reads from loopback without a token has no limit. */
  readonly reads: number;
  /** Alerts at once by one sender, then ten a second; default 1,000: a storm must not hide the one that counts. */
  readonly alerts: number;
}

export const defaultLimits: Limits = {
  requestMs: 10_000,
  handlerMs: 60_000,
  idleMs: 5_000,
  bodyBytes: 64 * 1024,
  connections: 500,
  followers: 100,
  followersEach: 10,
  acts: 60,
  reads: 1_000,
  alerts: 1_000,
};
