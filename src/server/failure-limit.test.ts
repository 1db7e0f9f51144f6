import { expect, test } from 'vitest';
import { failureLimit } from './failure-limit.ts';

function clockAt(start = 0) {
  let now = start;
  return { monotonic: () => now, pass: (ms: number) => (now += ms) };
}

test('lets a burst pass, then makes the address wait until one failure has leaked', () => {
  const clock = clockAt();
  const limit = failureLimit(clock, { burst: 3, leakMs: 1_000 });
  limit.failed('192.0.2.1');
  limit.failed('192.0.2.1');
  expect(limit.waitMs('192.0.2.1')).toBe(0);
  limit.failed('192.0.2.1');
  expect(limit.waitMs('192.0.2.1')).toBe(1_000);
  expect(limit.waitMs('192.0.2.2')).toBe(0);
  clock.pass(999);
  expect(limit.waitMs('192.0.2.1')).toBe(1);
  clock.pass(1);
  expect(limit.waitMs('192.0.2.1')).toBe(0);
  limit.failed('192.0.2.1');
  expect(limit.waitMs('192.0.2.1')).toBe(1_000);
});

test('counts an IPv6 network of 64 bits as one, and a mapped IPv4 address as itself', () => {
  const limit = failureLimit(clockAt(), { burst: 1, leakMs: 1_000 });
  limit.failed('2001:db8:1:2:3::1');
  expect(limit.waitMs('2001:db8:1:2:ffff:1:2:3')).toBeGreaterThan(0);
  expect(limit.waitMs('2001:db8:1:3::1')).toBe(0);
  limit.failed('::ffff:192.0.2.1');
  expect(limit.waitMs('192.0.2.1')).toBeGreaterThan(0);
  expect(limit.waitMs('::ffff:192.0.2.2')).toBe(0);
});

test('forgets the address that failed longest ago when there are too many', () => {
  const limit = failureLimit(clockAt(), { burst: 1, leakMs: 1_000, addresses: 2 });
  limit.failed('192.0.2.1');
  limit.failed('192.0.2.2');
  limit.failed('192.0.2.1');
  limit.failed('192.0.2.3');
  expect(limit.waitMs('192.0.2.1')).toBeGreaterThan(0);
  expect(limit.waitMs('192.0.2.2')).toBe(0);
  expect(limit.waitMs('192.0.2.3')).toBeGreaterThan(0);
});
