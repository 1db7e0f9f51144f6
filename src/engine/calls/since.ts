/** UTC ms as the engine's `since`: seconds with a fraction, exactly. */
export function seconds(ms: number): string {
  return nanoSeconds(BigInt(Math.round(ms)) * 1_000_000n);
}

/** `seconds.nanoseconds`, which a floating-point number cannot hold. */
export function nanoSeconds(nanos: bigint): string {
  return `${nanos / 1_000_000_000n}.${String(nanos % 1_000_000_000n).padStart(9, '0')}`;
}
