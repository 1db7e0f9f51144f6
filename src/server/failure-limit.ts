/**
 * Makes guessing slow: an address that failed too often is not listened to until its failures have leaked away. Bounded: beyond
 * `addresses` the one that failed longest ago is forgotten. An IPv6 client owns a /64, so that is what is counted.
 */
import type { Clock } from '../domain/clock.ts';
import { plainAddress } from './allowed-hosts.ts';

export interface FailureLimit {
  /** Ms until this address is listened to again; 0 when it is now. */
  waitMs(address: string): number;
  failed(address: string): void;
}

export interface FailureLimitOptions {
  /** Failures in a row before an address has to wait; default 20. */
  readonly burst?: number;
  /** One failure is forgiven in this time; default 3 s. */
  readonly leakMs?: number;
  /** Default 1,000. */
  readonly addresses?: number;
}

export function failureLimit(clock: Pick<Clock, 'monotonic'>, { burst = 20, leakMs = 3_000, addresses = 1_000 }: FailureLimitOptions = {}) {
  const buckets = new Map<string, { level: number; at: number }>();
  const levelNow = (key: string) => {
    const bucket = buckets.get(key);
    return bucket === undefined ? 0 : Math.max(0, bucket.level - (clock.monotonic() - bucket.at) / leakMs);
  };
  const limit: FailureLimit = {
    waitMs: (address) => Math.max(0, Math.ceil((levelNow(addressGroup(address)) - (burst - 1)) * leakMs)),
    failed(address) {
      const key = addressGroup(address);
      const level = levelNow(key) + 1;
      // Taken out first, so that the map's order is that of the last failure.
      buckets.delete(key);
      buckets.set(key, { level, at: clock.monotonic() });
      const oldest = buckets.size > addresses ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
    },
  };
  return limit;
}

export function addressGroup(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right].slice(0, 4).join(':');
}
