import { expect, test } from 'vitest';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import { compare } from './compare.ts';
import type { Seen } from './probe.ts';

const inspect = (host: object = {}, state = 'running') =>
  ({
    Image: 'sha256:a',
    State: { Status: state },
    Config: { User: '' },
    HostConfig: { CapAdd: null, ...host },
  }) as unknown as ContainerInspect;
const usual = {
  Uid: '0\t0\t0\t0',
  CapEff: '00000000a80425fb',
  CapPrm: '00000000a80425fb',
  CapBnd: '00000000a80425fb',
  NoNewPrivs: '0',
  Seccomp: '2',
};
const seen = (status: object = {}): Seen => ({
  status: { ...usual, ...status },
  processes: [],
  processesRead: true,
  listeners: [],
  datagrams: [],
  anyPorts: null,
  abstract: [],
  abstractRead: true,
  listenersRead: true,
  interfaces: [],
});

test.each([
  ['the same', {}, 'holds'],
  [
    'it dropped its capabilities and its user after its start',
    { Uid: '999 999 999 999', CapEff: '0000000000000000', CapPrm: '0000000000000000' },
    'holds',
  ],
  ['it has a capability that the dummy has not', { CapEff: '00000000a80c25fb' }, 'inconclusive'],
  ['its bounding set is wider', { CapBnd: '000001ffffffffff' }, 'inconclusive'],
  ['it gave up part of its bounding set', { CapBnd: '0000000000000000' }, 'holds'],
  ['it has no filter', { Seccomp: '0' }, 'inconclusive'],
  ['it gave up gaining privileges', { NoNewPrivs: '1' }, 'holds'],
] as const)('%s: %s', (_, status, state) => {
  expect(compare(inspect(), seen(status), inspect(), seen()).state).toBe(state);
});

test('a dummy that is more confined speaks for nobody', () => {
  expect(compare(inspect(), seen(), inspect(), seen({ NoNewPrivs: '1' })).state).toBe('inconclusive');
  expect(compare(inspect(), seen(), inspect(), seen({ Uid: '1000\t1000' })).state).toBe('inconclusive');
  expect(compare(inspect({ SecurityOpt: ['seccomp=unconfined'] }), seen(), inspect(), seen()).state).toBe('inconclusive');
});

test('lists are compared as sets, and nothing is as good as null', () => {
  expect(compare(inspect({ CapAdd: ['B', 'A'], CapDrop: [] }), seen(), inspect({ CapAdd: ['A', 'B'] }), seen()).state).toBe('holds');
});

test('what never ran has no process to compare, what runs and cannot be read is not known', () => {
  expect(compare(inspect({}, 'created'), null, inspect(), seen()).state).toBe('holds');
  expect(compare(inspect(), null, inspect(), seen()).state).toBe('inconclusive');
  expect(compare(inspect(), seen(), inspect(), null).state).toBe('inconclusive');
});

test('what a dummy has of its own on purpose is said, and is no difference', () => {
  const { state, evidence } = compare(
    inspect({ PidMode: 'host', Memory: 0, Sysctls: {} }),
    seen(),
    inspect({ Memory: 1, PidMode: '' }),
    seen(),
  );
  expect([state, evidence]).toEqual(['holds', expect.stringMatching(/; on purpose not as the original’s: Memory, PidMode$/)]);
});
