import { expect, test } from 'vitest';
import { enginePort, includesPort, parsePorts, singlePorts } from './ports.ts';

test.each([
  [8080, [{ from: 8080, to: 8080 }]],
  ['8000-8010', [{ from: 8000, to: 8010 }]],
  [
    [80, '443', '8000 - 8010'],
    [
      { from: 80, to: 80 },
      { from: 443, to: 443 },
      { from: 8000, to: 8010 },
    ],
  ],
])('%j are ports', (input, value) => {
  expect(parsePorts(input)).toEqual({ ok: true, value });
});

test.each([0, 65_536, 1.5, -1, '8010-8000', 'http', '80-', '', [], [80, 'x'], null, true, {}])('%j are none', (input) => {
  expect(parsePorts(input)).toMatchObject({ ok: false });
});

test('a range includes both ends, none includes all, and only what is written one by one is named', () => {
  const ranges = [
    { from: 80, to: 80 },
    { from: 8000, to: 8010 },
  ];
  expect([79, 80, 81, 7999, 8000, 8010, 8011].map((port) => includesPort(ranges, port))).toEqual([
    false,
    true,
    false,
    false,
    true,
    true,
    false,
  ]);
  expect(includesPort(null, 1)).toBe(true);
  expect(singlePorts(ranges)).toEqual([80]);
});

test('the engine’s own writing', () => {
  expect([enginePort('80/tcp'), enginePort('53/udp'), enginePort('7/sctp')]).toEqual([
    { port: 80, protocol: 'tcp' },
    { port: 53, protocol: 'udp' },
    null,
  ]);
});
