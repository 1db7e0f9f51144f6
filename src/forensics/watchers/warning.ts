/** Something that would destroy the evidence of a frozen container, or let it go. */
export interface Warning {
  /** In a few words, for a table: `autoheal`, `restart policy`, `low disk`. */
  readonly what: string;
  /** What it would do, and why it concerns this container; sentences without a full stop at the end. */
  readonly detail: string;
  /** What can be done about it. */
  readonly hint: string;
}
