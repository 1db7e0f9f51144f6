export interface Limits {
  /** The whole request must have come in within this time; default 10 s. */
  readonly requestMs: number;
  /** A handler must have answered within this time (a plan asks the engine); default 60 s. */
  readonly handlerMs: number;
  /** Default 64 KiB: no body of this API is large. */
  readonly bodyBytes: number;
  readonly connections: number;
  /** Server-sent event streams at a time. */
  readonly followers: number;
}

export const defaultLimits: Limits = { requestMs: 10_000, handlerMs: 60_000, bodyBytes: 64 * 1024, connections: 500, followers: 100 };
