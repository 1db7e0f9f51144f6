import { describe, expect, test } from 'vitest';
import { eventCursor, parseEvent } from './event.ts';
import { nanoSeconds, seconds } from './since.ts';

test('an event keeps its nanoseconds, whatever its attributes say', () => {
  const line = JSON.stringify({
    Type: 'container',
    Action: 'die',
    Actor: { ID: 'c1', Attributes: { note: '"timeNano":1', exitCode: '0' } },
  }).replace(/}$/, ',"timeNano":1795297854091750587}');
  expect(parseEvent(line)).toEqual({
    type: 'container',
    action: 'die',
    id: 'c1',
    attributes: { note: '"timeNano":1', exitCode: '0' },
    timeNano: 1795297854091750587n,
  });
});

test('since is exact', () => {
  expect(nanoSeconds(1795297854000000007n)).toBe('1795297854.000000007');
  expect(seconds(1795297854091)).toBe('1795297854.091000000');
});

describe('the place in the events', () => {
  const event = (timeNano: bigint, action = 'start') => ({ type: 'container', action, id: 'c1', attributes: {}, timeNano });
  const second = 1_000_000_000n;

  test('begins where told, else where the engine was when it first answered', () => {
    expect(eventCursor(1_500).since()).toBe('1.500000000');
    const cursor = eventCursor(undefined);
    expect(cursor.since()).toBeUndefined();
    cursor.connected('Sat, 21 Nov 2026 21:40:07 GMT');
    expect(cursor.since()).toBe(`${Date.UTC(2026, 10, 21, 21, 40, 7) / 1000}.000000000`);
  });

  test('asks for a second more than it has, and drops what it saw', () => {
    const cursor = eventCursor(0);
    expect(cursor.isNew(event(10n * second))).toBe(true);
    expect(cursor.isNew(event(9n * second, 'die'))).toBe(true);
    expect(cursor.since()).toBe('9.000000000');
    expect(cursor.isNew(event(9n * second, 'die'))).toBe(false);
    expect(cursor.isNew(event(10n * second))).toBe(false);
    expect(cursor.isNew(event(10n * second, 'stop'))).toBe(true);
  });

  test('never asks for what came before its beginning', () => {
    const cursor = eventCursor(9_900);
    cursor.isNew(event(10n * second));
    expect(cursor.since()).toBe('9.900000000');
  });
});
