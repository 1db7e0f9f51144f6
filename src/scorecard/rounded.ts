/** To six decimals: every share is rounded where it is published, and what builds on it builds on that, so that anybody can recompute it. */
export function rounded(share: number): number {
  return Math.round(share * 1e6) / 1e6;
}
