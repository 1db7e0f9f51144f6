import { describe, expect, it } from 'vitest';
import { newRun, tempStore } from './support.ts';

describe('events', () => {
  it('are numbered by run and followed over all of them, also from another process', () => {
    const { store, processId, again } = tempStore();
    const [a, b] = [newRun({ processId, id: '01A' }), newRun({ processId, id: '01B' })];
    store.runs.open(a);
    store.runs.open(b);
    const first = store.events.add(a.id, 'begun', null, 'it begins');
    const follower = again();
    const from = follower.events.lastRowId();
    expect(from).toBe(first.rowId);
    store.events.add(b.id, 'begun', 'web', 'so does this', { age: 7 });
    store.events.add(a.id, 'ended', null, 'it ends');
    expect(follower.events.since(from).map(({ runId, seq, type }) => [runId, seq, type])).toEqual([
      ['01B', 1, 'begun'],
      ['01A', 2, 'ended'],
    ]);
    expect(store.events.list('01A', 1).map((event) => event.type)).toEqual(['ended']);
    expect(follower.events.list('01B')).toMatchObject([
      { target: 'web', message: 'so does this', data: { age: 7 }, at: '2026-06-01T12:00:00.000Z' },
    ]);
  });
});

describe('the journal', () => {
  it('keeps the intent, every step and the end', () => {
    const { store, processId, again } = tempStore();
    store.runs.open(newRun({ processId, id: '01A' }));
    const journal = store.journal.forRun('01A', 'local', 'ENGINE');
    const one = journal.open({ kind: 'recreate', target: 'web-1', data: { old: 'x' } });
    const two = journal.open({ kind: 'restart', target: 'web-2', data: {} });
    one.step('create', { temporary: 'web-1.new' });
    one.step('stop');
    const other = again();
    expect(other.journal.openChanges()).toEqual([two.record, one.record]);
    expect(one.record).toMatchObject({ step: 'stop', data: { old: 'x', temporary: 'web-1.new' }, engine: 'local', engineId: 'ENGINE' });
    expect(other.journal.steps(one.record.id)).toMatchObject([
      { seq: 1, name: 'create', data: { temporary: 'web-1.new' } },
      { seq: 2, name: 'stop', data: null },
    ]);
    two.close('done');
    other.journal.close(one.record.id, 'residue', 'the network is left');
    expect(() => one.step('start')).toThrow('another process has reconciled it');
    expect(store.journal.openChanges()).toEqual([]);
    expect(store.journal.residueChanges({ runId: '01A' })).toMatchObject([{ id: one.record.id, note: 'the network is left' }]);
    expect(store.journal.residueChanges({ runId: '01B' })).toEqual([]);
    other.journal.close(one.record.id, 'undone');
    expect(() => two.close('undone')).toThrow('settled before');
  });
});

describe('locks', () => {
  const key = (containerId: string, name: string, engineId = 'E') => ({ engineId, containerId, name });

  it('are taken all or none, by id and by name', () => {
    const { store, processId, again } = tempStore();
    for (const id of ['01A', '01B']) store.runs.open(newRun({ processId, id }));
    const other = again();
    expect(store.locks.acquire('01A', [key('1', 'web-1'), key('2', 'web-2')])).toBeNull();
    expect(store.locks.acquire('01A', [key('2', 'web-2')])).toBeNull();
    expect(other.locks.acquire('01B', [key('3', 'web-3'), key('2', 'web-2')])).toEqual({ holder: 'run 01A', name: 'web-2' });
    // made anew meanwhile: another id, the same name
    expect(other.locks.acquire('01B', [key('9', 'web-1')])).toEqual({ holder: 'run 01A', name: 'web-1' });
    expect(other.locks.acquire('01B', [key('1', 'web-1', 'ANOTHER')])).toBeNull();
    expect(store.locks.held().map(({ runId, name }) => [runId, name])).toHaveLength(3);
    store.locks.release('01A');
    expect(other.locks.acquire('01B', [key('3', 'web-3'), key('2', 'web-2')])).toBeNull();
  });
});

describe('control', () => {
  it('holds until it is ended, for every process, and the first reason stays', () => {
    const { store, again } = tempStore();
    const other = again();
    expect(other.control.halted()).toBeNull();
    store.control.halt('anna', 'smoke');
    other.control.halt('ben', 'later');
    expect(other.control.halted()).toMatchObject({ by: 'anna', reason: 'smoke' });
    expect(other.control.unhalt('ben')).toMatchObject({ by: 'anna' });
    expect(store.control.halted()).toBeNull();
    expect(store.control.unhalt('ben')).toBeNull();
  });

  it('tells cheaply that something has changed, here or elsewhere', () => {
    const { store, processId, again } = tempStore();
    const other = again();
    const start = store.control.version();
    expect(store.control.version()).toBe(start);
    other.runs.open(newRun({ processId, id: '01A' }));
    const seen = store.control.version();
    expect(seen).toBeGreaterThan(start);
    expect(store.control.version()).toBe(seen);
    store.events.add('01A', 'x', null, '');
    expect(store.control.version()).toBeGreaterThan(seen);
  });
});

describe('samples', () => {
  it('come back in the order of their offsets', () => {
    const { store, processId } = tempStore();
    store.runs.open(newRun({ processId, id: '01A' }));
    const sample = { runId: '01A', check: 'answers', at: 5, ok: true, latencyMs: 1.5, error: null };
    store.samples.add([
      { ...sample, offsetMs: 250.5 },
      { ...sample, offsetMs: 0, ok: false, latencyMs: null, error: 'refused' },
    ]);
    store.samples.add([]);
    expect(store.samples.list('01A')).toEqual([
      { ...sample, offsetMs: 0, ok: false, latencyMs: null, error: 'refused' },
      { ...sample, offsetMs: 250.5 },
    ]);
  });
});
