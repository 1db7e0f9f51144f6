import { describe, expect, it } from 'vitest';
import { newRun, tempStore } from './support.ts';

function held(options: { readonly deadline?: number } = {}) {
  const lab = tempStore();
  const { store, clock } = lab;
  const container = { id: 'c1', name: 'web', service: null, image: 'web:1', imageId: 'sha256:1', labels: {} };
  const add = (id: string, containerId: string, deadline = options.deadline ?? clock.now() + 1_000) => {
    const engine = { engine: 'local', engineId: 'ENGINE' };
    store.evidence.open({
      ...engine,
      id,
      runId: '01A',
      container: { ...container, id: containerId },
      reason: null,
      actor: 'test',
      trigger: 'manual',
      disposition: 'keep',
      memory: 'proc',
      requestedAt: clock.now(),
    });
    store.holds.open({
      ...engine,
      evidenceId: id,
      containerId,
      containerName: `web-${containerId}`,
      foreign: false,
      deadline,
      onExpiry: 'notify',
    });
  };
  add('ev_1', 'c1');
  return { ...lab, add };
}

describe('a hold', () => {
  it('is one at a time for a container, the next deadline first', () => {
    const { store, clock, add } = held();
    expect(() => add('ev_2', 'c1')).toThrow('web-c1 is held frozen as evidence ev_1');
    add('ev_3', 'c3', clock.now() + 10);
    expect(store.holds.current().map(({ evidenceId }) => evidenceId)).toEqual(['ev_3', 'ev_1']);
    expect(store.holds.of('ENGINE', 'web-c3')?.evidenceId).toBe('ev_3');
    store.holds.release('ev_3', 'resumed');
    store.holds.release('ev_3', 'killed');
    expect(store.holds.get('ev_3')).toMatchObject({ state: 'released', ending: 'resumed' });
    expect(store.holds.current({ engineId: 'OTHER' })).toEqual([]);
  });

  it('keeps others from its container, and from no other that has its name by now', () => {
    const { store, processId } = held();
    store.runs.open(newRun({ processId, id: '01B' }));
    const key = (containerId: string) => [{ engineId: 'ENGINE', containerId, name: 'web-c1' }];
    expect(store.locks.acquire('01B', key('c1'))).toEqual({ holder: 'evidence ev_1, which holds it frozen', name: 'web-c1' });
    expect(store.locks.acquire('01B', key('c2'))).toBeNull();
  });

  it('keeps what letting go of it needs, also after it was released', () => {
    const { store, again } = held();
    expect(store.holds.kept('ev_1')).toBeNull();
    store.holds.keep('ev_1', { policy: { Name: 'always' } });
    store.holds.release('ev_1', 'killed');
    expect(again().holds.kept('ev_1')).toEqual({ policy: { Name: 'always' } });
    expect(store.holds.kept('ev_unknown')).toBeNull();
  });

  it('is moved on by one at a time; what a dead process had claimed can be claimed again', () => {
    const { store, processId, again } = held();
    const other = again();
    const otherId = other.processes.register('command');
    expect(store.holds.claim('ev_1', processId)).toBe(true);
    expect(store.holds.claim('ev_1', processId)).toBe(false);
    expect(other.holds.claim('ev_1', otherId.id)).toBe(false);
    store.holds.unclaim('ev_1');
    expect(other.holds.claim('ev_1', otherId.id)).toBe(true);
    otherId.release();
    expect(store.holds.claim('ev_1', processId)).toBe(true);
    store.holds.unclaim('ev_1');
    store.holds.release('ev_1', 'resumed');
    expect(store.holds.claim('ev_1', processId)).toBe(false);
  });

  it('is given notice of by one of those who saw the same', () => {
    const { store, clock, again } = held();
    expect(store.holds.notice('ev_1', null)).toBe(true);
    expect(again().holds.notice('ev_1', null)).toBe(false);
    const last = store.holds.get('ev_1')?.noticedAt ?? null;
    expect(last).toBe(clock.now());
    clock.advance(1_000);
    expect(again().holds.notice('ev_1', last)).toBe(true);
    store.holds.release('ev_1', 'killed');
    expect(store.holds.notice('ev_1', clock.now())).toBe(false);
  });
});
