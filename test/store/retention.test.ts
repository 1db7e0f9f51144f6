import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { openAudit, verifyAudit } from '../../src/access/audit.ts';
import { newRun, type TestStore, tempStore } from './support.ts';

const day = 86_400_000;

/** A run a day, the first 100 days ago, each with something of everything. */
function fill({ store, clock, processId }: TestStore, count = 100): string[] {
  const ids: string[] = [];
  const now = clock.now();
  for (let i = count; i > 0; i--) {
    clock.set(now - i * day);
    const id = ulid(clock.now());
    ids.push(id);
    store.runs.open(newRun({ processId, id, definition: `sha256:${i % 10}`, definitionText: `text ${i % 10}` }));
    store.runs.saveTargets(id, [{ id: 'c', name: 'n', service: null, image: 'i', outcome: null, leftOut: null }]);
    store.events.add(id, 'e', null, 'x'.repeat(2000));
    store.runs.addArtifact(id, 'a', 'text/plain', 'x'.repeat(3000));
    store.samples.add([{ runId: id, check: 'c', at: 0, offsetMs: 0, ok: true, latencyMs: 1, error: null }]);
    store.journal.forRun(id, 'local', 'E').open({ kind: 'k', target: 't', data: {} }).close('done');
    store.runs.end(id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
  }
  clock.set(now);
  return ids;
}

describe('retention', () => {
  it('forgets by age, with all that hangs on a run, and gives space back', async () => {
    const test = tempStore();
    const { store, clock } = test;
    const ids = fill(test);
    const result = await store.retention({ maxAgeMs: 30 * day + 1, maxCount: null, now: clock.now() });
    expect(result).toMatchObject({ runs: 70, definitions: 0 });
    expect(result.bytes).toBeGreaterThan(100_000);
    expect(store.runs.list({ limit: 1000 }).map((run) => run.id)).toEqual(ids.slice(70).reverse());
    expect(store.events.since(0)).toHaveLength(30);
    expect(store.runs.lastByDrill().get('recycle-shop')?.id).toBe(ids.at(-1));
    expect(await store.retention({ maxAgeMs: 30 * day + 1, maxCount: null, now: clock.now() })).toEqual({
      runs: 0,
      definitions: 0,
      bytes: 0,
    });
  });

  it('forgets by count, and texts that no run needs any more', async () => {
    const test = tempStore();
    const ids = fill(test);
    expect(await test.store.retention({ maxAgeMs: null, maxCount: 5, now: test.clock.now() })).toMatchObject({ runs: 95, definitions: 5 });
    expect(test.store.runs.list({ limit: 1000 }).map((run) => run.id)).toEqual(ids.slice(95).reverse());
    const kept = Array.from({ length: 10 }, (_, n) => n).filter((n) => test.store.definitions.text(`sha256:${n}`) !== null);
    expect(kept).toEqual([1, 2, 3, 4, 5]);
  });

  it('keeps what is open, has an open change or residue, or holds a lock', async () => {
    const test = tempStore();
    const { store, processId } = test;
    const keep = ['01A', '01B', '01C', '01D'];
    for (const id of [...keep, '01E']) store.runs.open(newRun({ processId, id, definition: `sha256:${id}`, definitionText: id }));
    const change = (id: string) => store.journal.forRun(id, 'local', 'E').open({ kind: 'k', target: 't', data: {} });
    change('01B');
    change('01C').close('residue', 'left');
    store.locks.acquire('01D', [{ engineId: 'E', containerId: 'c', name: 'n' }]);
    change('01E').close('undone');
    for (const id of ['01B', '01C', '01D', '01E']) store.runs.end(id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
    fill(test, 20);
    expect(await store.retention({ maxAgeMs: 0, maxCount: 0, now: test.clock.now() })).toMatchObject({ runs: 21 });
    expect(
      store.runs
        .list()
        .map((run) => run.id)
        .toReversed(),
    ).toEqual(keep);
    expect(store.definitions.text('sha256:01B')).toBe('01B');
    expect(store.definitions.text('sha256:01E')).toBeNull();
    expect(store.journal.openChanges()).toHaveLength(1);
  });

  it('does not touch the audit log', async () => {
    const test = tempStore();
    openAudit(test.store).record({ who: 'anna', role: 'admin', act: 'run', object: 'recycle-shop', source: 'test', data: null });
    fill(test, 5);
    await test.store.retention({ maxAgeMs: 0, maxCount: 0, now: test.clock.now() + day });
    expect(verifyAudit(test.store)).toMatchObject({ ok: true, rows: 1 });
  });

  it('lets others write in between', async () => {
    const test = tempStore();
    fill(test, 400);
    let written = 0;
    const done = test.store.retention({ maxAgeMs: 0, maxCount: null, now: test.clock.now() });
    const other = test.again();
    const timer = setInterval(() => {
      other.control.halt('anna', 'now');
      other.control.unhalt('anna');
      written += 1;
    });
    await done;
    clearInterval(timer);
    expect(written).toBeGreaterThan(0);
  });
});
