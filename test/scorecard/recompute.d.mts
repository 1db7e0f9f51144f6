/** @returns what differs, a line each; `card` is what `pitwall scorecard --items --json` prints. */
export function differences(card: unknown): string[];
