import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { newRun, tempStore } from './support.ts';

describe('runs', () => {
  it('gives back the record that was written', () => {
    const { store, clock, processId } = tempStore();
    const run = newRun({ processId, definition: 'sha256:ab', definitionText: 'name: recycle-shop' });
    store.runs.open(run);
    store.runs.saveTargets(run.id, [
      { id: 'a'.repeat(64), name: 'shop-web-1', service: 'web', image: 'web:1', outcome: null, leftOut: null },
      { id: 'b'.repeat(64), name: 'shop-db-1', service: 'db', image: 'db:1', outcome: null, leftOut: 'not opted in' },
    ]);
    store.runs.setOutcome(run.id, 'a'.repeat(64), 'recycled');
    const measurement = { name: 'downtime', target: 'shop-web-1', value: 12.5, unit: 'ms', objective: { max: 2000 }, met: true } as const;
    store.runs.addMeasurement(run.id, measurement);
    store.runs.addMeasurement(run.id, { ...measurement, target: null, objective: null, met: null });
    const finding = {
      probe: 'PRV-04',
      title: 't',
      target: null,
      state: 'broken',
      severity: 'high',
      evidence: 'e',
      waivedUntil: null,
    } as const;
    store.runs.addFindings(run.id, [finding]);
    store.runs.addArtifact(run.id, 'plan', 'application/json', '{}');
    store.runs.setEvidence(run.id, ['ev_1']);
    clock.set(clock.now() - 60_000);
    clock.advance(1234.5);
    store.runs.end(run.id, { verdict: 'failed', reason: 'broken', exitCode: 5, residue: ['a network is left'] });

    expect(store.runs.record(run.id)).toMatchObject({
      id: run.id,
      verdict: 'failed',
      reason: 'broken',
      engine: run.engine,
      definition: 'sha256:ab',
      startedAt: '2026-06-01T12:00:00.000Z',
      // monotonic, although the clock was set back in between
      durationMs: 1234.5,
      targets: [
        { name: 'shop-web-1', outcome: 'recycled', leftOut: null },
        { name: 'shop-db-1', outcome: null, leftOut: 'not opted in' },
      ],
      measurements: [measurement, { ...measurement, target: null, objective: null, met: null }],
      findings: [finding],
      artifacts: [{ name: 'plan', mediaType: 'application/json', bytes: 2 }],
      evidence: ['ev_1'],
      residue: ['a network is left'],
    });
    expect(store.runs.list()[0]).toMatchObject({ id: run.id, targetCount: 1, exitCode: 5 });
    expect(store.definitions.text('sha256:ab')).toBe('name: recycle-shop');
  });

  it('tells of each change as the journal has it: when, whether its effect was seen, and what became of its undo', () => {
    const { store, clock, processId } = tempStore();
    const { id } = newRun({ processId });
    store.runs.open(newRun({ processId, id }));
    const journal = store.journal.forRun(id, 'local', 'ENGINE');
    const at = () => new Date(clock.now()).toISOString();
    const open = (kind: string) => {
      clock.advance(1000);
      return { began: at(), change: journal.open({ kind, target: 'web-1', data: {} }) };
    };
    const faults = () => store.runs.record(id)?.faults;

    expect(faults()).toEqual([]);
    const freeze = open('freeze');
    expect(faults()).toEqual([
      { kind: 'freeze', target: 'web-1', injectedAt: freeze.began, undoneAt: null, effect: 'not-seen', undo: 'unknown' },
    ]);
    freeze.change.step('frozen');
    freeze.change.step('thaw');
    expect(faults()).toMatchObject([{ effect: 'proven', undo: 'unknown', undoneAt: null }]);
    const [cut, tried, recreate, left] = [open('anchor-cut'), open('canary'), open('recreate'), open('rotation')];
    cut.change.step('seen');
    clock.advance(1000);
    cut.change.close('undone', 'it can read again');
    tried.change.close('undone');
    recreate.change.close('done');
    left.change.close('residue', 'the role is still there');
    expect(faults()?.slice(1)).toEqual([
      { kind: 'anchor-cut', target: 'web-1', injectedAt: cut.began, undoneAt: at(), effect: 'proven', undo: 'clean' },
      { kind: 'canary', target: 'web-1', injectedAt: tried.began, undoneAt: at(), effect: 'not-seen', undo: 'clean' },
      // as it was wanted: nothing of it is to be undone, and nothing was
      { kind: 'recreate', target: 'web-1', injectedAt: recreate.began, undoneAt: null, effect: 'proven', undo: 'clean' },
      { kind: 'rotation', target: 'web-1', injectedAt: left.began, undoneAt: null, effect: 'not-seen', undo: 'residue' },
    ]);
  });

  it('ends a run once', () => {
    const { store, processId } = tempStore();
    const run = newRun({ processId });
    store.runs.open(run);
    const end = { verdict: 'passed', reason: '', exitCode: 0, residue: [] } as const;
    store.runs.end(run.id, end);
    expect(() => store.runs.end(run.id, end)).toThrow('was ended before');
    expect(() =>
      store.runs.addMeasurement('UNKNOWN', { name: 'm', target: null, value: 1, unit: 'ms', objective: null, met: null }),
    ).toThrow('not known');
  });

  it('finds a run by a beginning that only it has', () => {
    const { store, processId } = tempStore();
    for (const id of ['01AAAA', '01AABB', '01AABBCC']) store.runs.open(newRun({ processId, id }));
    expect(store.runs.record('01aaa')?.id).toBe('01AAAA');
    expect(store.runs.record('01AABB')?.id).toBe('01AABB');
    expect(store.runs.record('02')).toBeNull();
    expect(() => store.runs.record('01AA')).toThrow(expect.objectContaining({ code: 'run_ambiguous', exitCode: 2 }));
  });

  it('lists newest first, page by page, by drill, kind, verdict and time', () => {
    const { store, clock, processId } = tempStore();
    const began = clock.now();
    const ids: string[] = [];
    for (let i = 0; i < 30; i++) {
      const id = ulid(clock.now());
      ids.unshift(id);
      store.runs.open(newRun({ processId, id, drill: i % 2 === 0 ? 'even' : 'odd', kind: i % 3 === 0 ? 'lifecycle' : 'detection' }));
      if (i < 29) store.runs.end(id, { verdict: i % 5 === 0 ? 'failed' : 'passed', reason: '', exitCode: 0, residue: [] });
      clock.advance(1000);
    }
    const list = (filter?: Parameters<typeof store.runs.list>[0]) => store.runs.list(filter).map((run) => run.id);
    const number = (id: string) => 29 - ids.indexOf(id);
    expect(list()).toEqual(ids);
    const pages: string[] = [];
    for (let page = list({ limit: 7 }); page.length > 0; page = list({ limit: 7, before: page.at(-1) })) pages.push(...page);
    expect(pages).toEqual(ids);
    expect(list({ drill: 'odd' }).map(number)).toEqual([29, 27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1]);
    expect(list({ drill: 'even', verdict: 'failed' }).map(number)).toEqual([20, 10, 0]);
    expect(list({ kind: 'lifecycle', verdict: 'failed', drill: 'odd' }).map(number)).toEqual([15]);
    expect(list({ verdict: 'failed' }).map(number)).toEqual([25, 20, 15, 10, 5, 0]);
    expect(list({ since: began + 3000, until: began + 6000 }).map(number)).toEqual([5, 4, 3]);
    expect(store.runs.unended().map((run) => number(run.id))).toEqual([29]);
    expect(store.runs.unended('even')).toEqual([]);
  });

  it('knows the newest run of every drill', () => {
    const { store, processId } = tempStore();
    expect(store.runs.lastByDrill()).toEqual(new Map());
    for (const [id, drill] of [
      ['01', 'a'],
      ['02', 'b'],
      ['03', 'a'],
      ['04', null],
    ] as const)
      store.runs.open(newRun({ processId, id, drill }));
    expect([...store.runs.lastByDrill()].map(([drill, run]) => [drill, run.id])).toEqual([
      ['a', '03'],
      ['b', '02'],
    ]);
  });

  it('keeps artifacts whole, large ones compressed', () => {
    const { store, processId, again } = tempStore();
    const run = newRun({ processId });
    store.runs.open(run);
    const large = Buffer.alloc(100_000, 'drill ');
    const record = store.runs.addArtifact(run.id, 'curve', 'text/plain', large);
    expect(record).toMatchObject({ bytes: 100_000, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(again().runs.artifact(run.id, 'curve')?.content.equals(large)).toBe(true);
    store.runs.addArtifact(run.id, 'curve', 'text/plain', 'short');
    expect(store.runs.artifact(run.id, 'curve')?.content.toString()).toBe('short');
    expect(store.runs.record(run.id)?.artifacts).toHaveLength(1);
    expect(store.runs.artifact(run.id, 'none')).toBeNull();
  });

  it('remembers the first request to abort, for every process', () => {
    const { store, processId, again } = tempStore();
    const run = newRun({ processId });
    store.runs.open(run);
    expect(again().runs.requestAbort(run.id, 'anna')).toBe(true);
    store.runs.requestAbort(run.id, 'ben');
    expect(store.runs.abortRequested(run.id)?.by).toBe('anna');
    store.runs.end(run.id, { verdict: 'aborted', reason: '', exitCode: 4, residue: [] });
    expect(store.runs.requestAbort(run.id, 'ben')).toBe(false);
  });
});
