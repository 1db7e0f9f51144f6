/** What happens on the engine, as it happens. */
export interface EventCalls {
  /**
   * Goes on over reconnects (from the last event seen) until the signal; yields `engine/lost` while it is away and `engine/reconnected` after each,
   * as an engine remembers 256 events at most. Fails only when it cannot be reached at first. It connects when first asked for an event: to miss none,
   * give `since` (UTC ms).
   */
  events(options: {
    readonly since?: number;
    readonly types?: readonly string[];
    readonly labels?: readonly string[];
    readonly signal: AbortSignal;
  }): AsyncIterable<EngineEvent>;
}

export interface EngineEvent {
  /** `container`, `network`, …; or `engine` with action `lost` or `reconnected` where a gap may be. */
  readonly type: string;
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Nanoseconds since the epoch, UTC. */
  readonly timeNano: bigint;
}
