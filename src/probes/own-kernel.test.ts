import { expect, test } from 'vitest';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import { ownKernel, throughOwnKernel } from './own-kernel.ts';
import { broken, holds } from './probe.ts';

const of = (Runtime: string, Runtimes: object = {}) =>
  ownKernel({ HostConfig: { Runtime } } as unknown as ContainerInspect, { daemon: { Runtimes } });

test('a sandbox is known by its name, or by the program behind it', () => {
  expect([of('runc'), of(''), of('runsc'), of('io.containerd.kata.v2')]).toEqual([null, null, 'runsc', 'io.containerd.kata.v2']);
  expect(of('strict', { strict: { path: '/usr/local/bin/runsc' }, runc: { path: 'runc' } })).toBe('strict');
  expect(of('io', { io: { runtimeType: 'io.containerd.runsc.v1' } })).toBe('io');
  // what else its settings say does not make it one
  expect(of('traced', { traced: { path: '/usr/bin/runc', runtimeArgs: ['--log=/var/log/kata.log'] } })).toBe(null);
  expect(of('plain', { plain: { path: '/opt/kata/bin/runc' } })).toBe(null);
  expect(of('runc', { strict: { path: '/usr/local/bin/runsc' }, runc: { path: 'runc' } })).toBe(null);
});

test('what its kernel lets happen is no weakness of the host’s, what it refuses is refused, and what the API says is as it is', () => {
  expect(throughOwnKernel({ id: 'PRV-11' }, broken('read'), 'runsc').state).toBe('not-applicable');
  expect(throughOwnKernel({ id: 'PRV-05' }, broken('mounted'), 'runsc')).toEqual({
    state: 'inconclusive',
    evidence: 'its runtime is runsc: what answered is that sandbox’s own kernel, not the host’s; it said: mounted',
  });
  expect(throughOwnKernel({ id: 'PRV-05' }, holds('refused'), 'runsc').state).toBe('holds');
  expect(throughOwnKernel({ id: 'PRV-08' }, broken('root'), 'runsc').state).toBe('broken');
  expect(throughOwnKernel({ id: 'PRV-05' }, broken('mounted'), null).state).toBe('broken');
});
