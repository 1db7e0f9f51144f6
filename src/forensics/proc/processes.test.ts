import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { readFreezer } from './freezer.ts';
import { findProcesses } from './processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'pitwall-proc-'));
afterAll(() => rmSync(folder, { recursive: true }));
const id = 'ab'.repeat(32);

function proc(name: string, processes: Record<number, { cgroup: string; ppid: number; ns: string; comm?: string }>): string {
  const path = join(folder, name);
  for (const [pid, { cgroup, ppid, ns, comm = 'x' }] of Object.entries(processes)) {
    mkdirSync(join(path, pid), { recursive: true });
    writeFileSync(join(path, pid, 'cgroup'), cgroup);
    writeFileSync(join(path, pid, 'status'), `Name:\t${comm}\nPid:\t${pid}\nPPid:\t${ppid}\nNSpid:\t${ns}\n`);
  }
  mkdirSync(join(path, 'self'), { recursive: true });
  return path;
}

test('those of the container, in nested groups and namespaces too, with their parents', () => {
  const path = proc('a', {
    1: { cgroup: '0::/init.scope\n', ppid: 0, ns: '1' },
    50: { cgroup: `0::/docker/${id}\n`, ppid: 40, ns: '50\t1' },
    51: { cgroup: `0::/docker/${id}\n`, ppid: 50, ns: '51\t7' },
    52: { cgroup: `0::/docker/${id}/docker/${'cd'.repeat(32)}\n`, ppid: 51, ns: '52\t8\t1' },
    60: { cgroup: `0::/docker/${'ef'.repeat(32)}\n`, ppid: 1, ns: '60\t1' },
  });
  expect(findProcesses(path, id)).toEqual([
    { hostPid: 50, pid: 1, ppid: 0, comm: 'x' },
    { hostPid: 52, pid: 1, ppid: 0, comm: 'x' },
    { hostPid: 51, pid: 7, ppid: 1, comm: 'x' },
  ]);
});

test('from a helper, whose own group has no name there', () => {
  const path = proc('b', {
    1: { cgroup: `0::/../${id}\n`, ppid: 0, ns: '1' },
    30: { cgroup: '0::/\n', ppid: 0, ns: '30' },
  });
  expect(findProcesses(path, id).map(({ pid }) => pid)).toEqual([1]);
});

test('takes nothing but a whole id', () => {
  expect(() => findProcesses(folder, '')).toThrow('not the whole id');
});

const inspect = (Pid: number) => ({ Id: id, State: { Pid } }) as ContainerInspect;

test('the freezer of both versions, and none of a stranger', () => {
  const path = proc('c', {
    1: { cgroup: `9:cpu:/docker/${id}\n6:freezer:/docker/${id}\n0::/docker/${id}\n`, ppid: 0, ns: '1' },
    2: { cgroup: `0::/system.slice/docker-${id}.scope/init\n`, ppid: 0, ns: '2' },
    3: { cgroup: '6:freezer:/\n0::/\n', ppid: 0, ns: '3' },
  });
  const cgroups = join(folder, 'cgroups');
  const put = (group: string, name: string, text: string) => {
    mkdirSync(join(cgroups, group), { recursive: true });
    writeFileSync(join(cgroups, group, name), text);
  };
  const read = (pid: number) => readFreezer(inspect(pid), { proc: path, cgroups });
  expect([read(1), read(2), read(3), read(4), read(0)]).toEqual([null, null, null, null, null]);
  put(`freezer/docker/${id}`, 'freezer.state', 'FREEZING\n');
  put(`system.slice/docker-${id}.scope`, 'cgroup.events', 'populated 1\nfrozen 0\n');
  expect([read(1), read(2)]).toEqual(['thawed', 'thawed']);
  put(`freezer/docker/${id}`, 'freezer.state', 'FROZEN\n');
  put(`system.slice/docker-${id}.scope`, 'cgroup.events', 'populated 1\nfrozen 1\n');
  expect([read(1), read(2)]).toEqual(['frozen', 'frozen']);
});
