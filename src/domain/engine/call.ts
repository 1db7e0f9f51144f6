export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default 15 s for calls that only ask, 60 s for those that act. */
  readonly timeoutMs?: number | undefined;
}

export type Json = Readonly<Record<string, unknown>>;
