import { expect, test } from 'vitest';
import { type Cell, cellOf } from './cells.ts';
import { judgeSource } from './judge.ts';
import type { Measured } from './measure.ts';
import type { Params } from './params.ts';
import type { Probe } from './probes.ts';
import type { Answer } from './reach-lines.ts';
import type { Place } from './world.ts';

const place = (name: string, service = name) =>
  ({ id: name, name, service, alsoCalled: [], addresses: [{ address: name }] }) as unknown as Place;
const web = place('web');
const params: Params = { policy: { allow: [], external: 'deny', host: 'deny', volumes: [] }, decoy: null, egress: false, held: 0 };

function probe(way: Probe['way'], to: Place | null, address: string): Probe {
  return { from: web, to, way, address, port: 80, ownPort: 80, protocol: 'tcp', simulated: 'allow', where: 'there', notProbed: null };
}

function cell(of: Probe, declared: Cell['declared'], measured: Cell['measured']): Cell {
  return {
    probe: of,
    declared,
    measured,
    disagreement: null,
    seen: `${of.address}: ${measured}`,
    why: measured === 'unknown' ? 'lost' : null,
  };
}

test.each([
  ['ENETUNREACH', 'closed'],
  ['EHOSTUNREACH', 'unknown'],
] as const)('outside, %s: %s', (errno, measured) => {
  const answer: Answer = { key: 0, reach: 'unreachable', errno, tries: 1 };
  const none = { answer: () => answer, answeredElsewhere: () => false, works: () => true, outlived: () => false, standsIn: () => false };
  const outside = cellOf(probe('external', null, '10.0.0.9'), params, none as unknown as Measured, new Map(), () => false);
  expect(outside.measured).toBe(measured);
});

test('one replica that is allowed and works does not hide another that is denied and not known', () => {
  const [one, two] = [probe('direct', place('api-1', 'api'), '10.0.0.1'), probe('direct', place('api-2', 'api'), '10.0.0.2')];
  const { findings } = judgeSource(web, [cell(one, 'allow', 'open'), cell(two, 'deny', 'unknown')]);
  expect(findings.map(({ title, state, evidence }) => [title, state, evidence])).toContainEqual([
    'web → api:80',
    'inconclusive',
    '10.0.0.2: unknown',
  ]);
});

test('that a port of the host was refused is not said to have a control', () => {
  const evidence = (measured: Cell['measured']) =>
    judgeSource(web, [cell(probe('host', null, '10.0.0.1'), 'deny', measured)]).findings[0]?.evidence;
  expect(evidence('refused')).toContain('at 1 nothing listens, and it was refused; the others each with its control');
  expect(evidence('closed')).toContain('gave no way in, each with its control');
});
