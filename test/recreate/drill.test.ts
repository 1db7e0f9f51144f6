import { afterAll, describe, it } from 'vitest';
import { drift } from '../../src/container/drift.ts';
import type { Json } from '../../src/domain/journal.ts';
import type { Plan, RunContext } from '../../src/domain/kind.ts';
import { seededRandom } from '../../src/domain/random.ts';
import type { Target } from '../../src/domain/target.ts';
import type { Finding } from '../../src/domain/words.ts';
import { reverseUptime } from '../../src/drills/reverse-uptime/index.ts';
import type { Params } from '../../src/drills/reverse-uptime/params.ts';
import { clock, Lab } from './support/lab.ts';
import { memoryJournal } from './support/memory-journal.ts';

const lab = new Lab();
afterAll(() => lab.sweep());

interface Seen {
  readonly measured: Record<string, number>;
  readonly outcomes: Record<string, string>;
  readonly events: string[];
  readonly findings: Finding[];
  readonly artifacts: Record<string, Json>;
  readonly error: unknown;
}

/** The drill with a runner around it that does no more than it must. */
async function practise(targets: readonly Target[], given: object, now = Date.now()): Promise<Seen> {
  const seen = {
    measured: {} as Record<string, number>,
    outcomes: {} as Record<string, string>,
    events: [] as string[],
    findings: [] as Finding[],
    artifacts: {} as Record<string, Json>,
    error: null as unknown,
  };
  const asked = {
    engine: lab.engine,
    params: reverseUptime.params.parse(given) as Params,
    targets,
    // it stands still: however slow the machine is, nobody comes of age meanwhile
    clock: { ...clock, now: () => now },
    random: seededRandom('x'),
    signal: new AbortController().signal,
  };
  const plan: Plan = await reverseUptime.plan(asked);
  const context: RunContext<Params> = {
    ...asked,
    runId: 'run-drill',
    actor: 'test',
    trigger: 'manual',
    instance: 'test',
    alerts: { whyDeaf: () => 'nobody listens', seen: () => [] },
    freezer: { freeze: () => Promise.reject(new Error('nothing is frozen here')) },
    helperImage: () => Promise.reject(new Error('no helper is asked for here')),
    secret: () => {
      throw new Error('no secret is asked for here');
    },
    plan,
    journal: memoryJournal(),
    async forEachUnit(work) {
      for (const unit of plan.units) await work(unit);
    },
    measure(name, target, value) {
      seen.measured[target === null ? name : `${name} ${target.name}`] = value;
    },
    finding: (finding) => void seen.findings.push(finding),
    findings: (several) => void seen.findings.push(...several),
    artifact(name, content) {
      seen.artifacts[name] = content;
    },
    event: (type, target, message) => void seen.events.push(`${type}: ${message.replaceAll(target?.name ?? '', 'it')}`),
    outcome(target, outcome) {
      seen.outcomes[target.name] = outcome;
    },
    residue: (sentence) => void seen.events.push(`residue: ${sentence}`),
    steadyStateHolds: () => Promise.resolve(true),
    failedMs: (from, to) => Promise.resolve(to - from),
  };
  for (const { target, outcome } of plan.idle) seen.outcomes[target.name] = outcome;
  await reverseUptime.run(context).catch((error: unknown) => {
    seen.error = error;
  });
  return seen;
}

describe.concurrent('reverse uptime', () => {
  it('makes again who is too old, and measures it', async ({ expect }) => {
    const old = await lab.run('old');
    await lab.shell(old.id, 'cp /bin/busybox /implant; echo x > /etc/note');
    await clock.sleep(2_500);
    const young = await lab.run('young');
    const seen = await practise([young, old], { maxUptime: '1s' }, young.createdAt + 500);
    expect(seen.error).toBeNull();
    expect(seen.outcomes).toEqual({ [old.name]: 'recycled', [young.name]: 'not due' });
    expect(seen.measured).toMatchObject({ recycled: 1, [`drift_files ${old.name}`]: 2 });
    expect(seen.measured[`time_to_healthy ${old.name}`]).toBeGreaterThan(900);
    expect(seen.measured[`downtime ${old.name}`]).toBeGreaterThan(seen.measured[`time_to_healthy ${old.name}`] as number);
    expect(seen.measured.max_age).toBeGreaterThanOrEqual(seen.measured.p95_age as number);
    expect(seen.events).toEqual([
      'drift: changed in its layer: 2 (2 added, 0 changed, 0 deleted; 1 executable): /etc/note, /implant',
      expect.stringMatching(/^recycled: it was made again and was healthy after .*; its volumes were kept$/),
    ]);
    expect(seen.artifacts).toMatchObject({ drift: { targets: { [old.name]: { executables: ['/implant'] } } } });
    expect(seen.findings).toEqual([]);
    expect((await drift(lab.engine, await lab.engine.inspect(old.name))).files).toBe(0);
  });

  it('has nothing to do when nobody is too old', async ({ expect }) => {
    const seen = await practise([await lab.run('fresh')], { maxUptime: '1h' });
    expect(seen.measured).toMatchObject({ recycled: 0, over_age: 0 });
    expect(Object.keys(seen.measured).toSorted()).toEqual(['max_age', 'over_age', 'p95_age', 'recycled']);
    expect(seen.events).toEqual([]);
  });

  it('makes drift a finding when told to', async ({ expect }) => {
    const target = await lab.run('drifted');
    await lab.shell(target.id, 'echo x > /etc/note');
    const seen = await practise([target], { maxUptime: '1ms', onDrift: 'fail' });
    expect(seen.error).toBeNull();
    expect(seen.findings).toMatchObject([
      { probe: 'DRIFT', target: target.name, state: 'broken', severity: 'medium', evidence: 'added /etc/note' },
    ]);
  });

  it('by restart says that the layer was kept', async ({ expect }) => {
    const target = await lab.run('restarted');
    await clock.sleep(1_100);
    const seen = await practise([target], { maxUptime: '1s', mode: 'restart', grace: '1s' });
    expect(seen.outcomes).toEqual({ [target.name]: 'restarted (layer kept)' });
    expect(seen.measured).toMatchObject({ recycled: 1, over_age: 0 });
    expect((await lab.engine.inspect(target.name)).Id).toBe(target.id);
  });

  it('says what was put back, and counts it as too old still', async ({ expect }) => {
    const { id, name } = await lab.run('stubborn', {
      StopTimeout: 1,
      Healthcheck: { Test: ['CMD', 'test', '-e', '/mine'], Interval: 150_000_000, Retries: 2 },
    });
    await lab.shell(id, 'touch /mine');
    while ((await lab.engine.inspect(id)).State.Health?.Status !== 'healthy') await clock.sleep(50);
    const seen = await practise([await lab.target(name)], { maxUptime: '1ms' });
    expect(seen.error).toMatchObject({ code: 'replacement_unhealthy', exitCode: 1 });
    expect(seen.outcomes).toEqual({ [name]: 'put back' });
    expect(seen.measured).toMatchObject({ recycled: 0, over_age: 1 });
    expect(seen.events).toContain('undo: put back: the old container runs as before');
  });
});
