/** What the routes do, on a real database and a real port. */
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RefusedError } from '../../src/domain/errors.ts';
import { catalogue } from '../../src/probes/catalogue.ts';
import { startServer } from '../../src/server/start.ts';
import { drill, type Harness, startHarness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(async () => harness[Symbol.asyncDispose]());

const ended = { verdict: 'passed', reason: 'it held', exitCode: 0, residue: [] } as const;

describe('drills', () => {
  test('the list has schedules, next runs, last runs and problems', async () => {
    await using own = await startHarness();
    const first = own.openRun();
    own.store.runs.end(first, ended);
    const { status, json } = await own.call('GET', '/api/v1/drills');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      drills: [
        {
          name: 'recycle-shop',
          schedule: { cron: '0 3 * * *', timezone: 'Europe/Amsterdam' },
          nextRuns: ['2030-01-01T02:00:00.000Z', '2030-01-02T02:00:00.000Z', expect.any(String), expect.any(String), expect.any(String)],
          lastRun: { id: first, verdict: 'passed', exitCode: 0 },
        },
        { name: 'by-hand', schedule: null, nextRuns: [], lastRun: null },
      ],
      problems: [{ message: 'drills/broken.yaml:3:1 params: unknown key' }],
    });
    expect(JSON.stringify(json)).not.toContain('text');
  });

  test('one drill, as its file says', async () => {
    const { json } = await harness.call('GET', '/api/v1/drills/recycle-shop');
    const { targets, safety, steadyState, params, objectives } = drill('recycle-shop');
    expect(json).toMatchObject({ name: 'recycle-shop', targets, safety, steadyState, params, objectives });
    expect((await harness.call('GET', '/api/v1/drills/nope')).json).toMatchObject({
      error: { code: 'unknown_drill', message: 'there is no drill "nope"' },
    });
  });

  test('a plan is what the planner says, and what it refuses is a conflict', async () => {
    expect((await harness.call('GET', '/api/v1/drills/by-hand/plan')).json).toEqual({ drill: 'by-hand', engines: [] });
    const plan = async () => {
      throw new RefusedError('environment', 'the engine is production', { hint: 'list it' });
    };
    await using own = await startHarness({ plan });
    const { status, json } = await own.call('GET', '/api/v1/drills/by-hand/plan');
    expect([status, json]).toEqual([409, { error: { code: 'environment', message: 'the engine is production', hint: 'list it' } }]);
  });

  test('a run is started under the token’s name, and Location leads to it', async () => {
    const { status, json, headers } = await harness.call('POST', '/api/v1/drills/by-hand/runs', {
      token: harness.tokens.operator,
      body: { seed: 's-1' },
    });
    const { id } = json as { id: string };
    expect([status, headers.get('location')]).toEqual([202, `/api/v1/runs/${id}`]);
    const run = await harness.call('GET', headers.get('location') ?? '');
    expect(run.json).toMatchObject({ id, drill: 'by-hand', seed: 's-1', trigger: 'api', actor: 'the-operator', verdict: null });
  });

  test('a run is asked for again, on the same targets', async () => {
    const asked: unknown[] = [];
    await using own = await startHarness({
      startRun: async (name, { replay, seed }) => {
        asked.push([name, replay, seed]);
        return { id: 'made' };
      },
    });
    const again = (body: unknown) => own.call('POST', '/api/v1/drills/by-hand/runs', { token: own.tokens.operator, body });
    const id = own.openRun({ drill: 'by-hand' });
    expect((await again({ replay: id })).status).toBe(202);
    expect((await again({ replay: id.slice(0, 20), seed: 's' })).status).toBe(202);
    expect(asked).toEqual([
      ['by-hand', id, undefined],
      ['by-hand', id.slice(0, 20), 's'],
    ]);
    for (const replay of ['', 'x', 7, `${id}0`]) expect(await again({ replay }), String(replay)).toMatchObject({ status: 400 });
  });

  test('what the runner refuses is a conflict, with its code', async () => {
    const startRun = async () => {
      throw new RefusedError('drill_running', 'it runs already');
    };
    await using own = await startHarness({ startRun });
    const { status, json } = await own.call('POST', '/api/v1/drills/by-hand/runs', { token: own.tokens.operator });
    expect([status, json]).toEqual([409, { error: { code: 'drill_running', message: 'it runs already', hint: null } }]);
  });
});

describe('runs', () => {
  test('pages meet, without a gap or a double', async () => {
    await using own = await startHarness();
    const ids = Array.from({ length: 7 }, () => own.openRun()).reverse();
    const seen: string[] = [];
    let query = '?limit=3';
    const sizes: number[] = [];
    for (;;) {
      const { runs, next } = (await own.call('GET', `/api/v1/runs${query}`)).json as { runs: { id: string }[]; next: string | null };
      seen.push(...runs.map(({ id }) => id));
      sizes.push(runs.length);
      if (next === null) break;
      query = `?limit=3&before=${next}`;
    }
    expect([seen, sizes]).toEqual([ids, [3, 3, 1]]);
    expect((await own.call('GET', '/api/v1/runs?limit=7')).json).toMatchObject({ next: null });
  });

  test('filters', async () => {
    await using own = await startHarness();
    const one = own.openRun({ drill: 'by-hand', kind: 'lifecycle' });
    const two = own.openRun();
    own.store.runs.end(two, { ...ended, verdict: 'failed', exitCode: 1 });
    const found = async (query: string) =>
      ((await own.call('GET', `/api/v1/runs?${query}`)).json as { runs: { id: string }[] }).runs.map(({ id }) => id);
    expect(await found('drill=by-hand')).toEqual([one]);
    expect(await found('kind=reverse-uptime')).toEqual([two]);
    expect(await found('verdict=failed')).toEqual([two]);
    expect(await found('drill=by-hand&verdict=failed')).toEqual([]);
    expect(await found('since=2020-01-01T00:00:00%2B01:00')).toEqual([two, one]);
    expect(await found('until=2020-01-01T00:00:00Z')).toEqual([]);
    expect([await found('since=2020-01-01'), await found('since=1h&until=0d')]).toEqual([
      [two, one],
      [two, one],
    ]);
    expect([await found('until=1h'), await found('since=36500d&until=7%20d')]).toEqual([[], []]);
  });

  test('one run has all that was recorded, and is found by its beginning', async () => {
    const id = harness.openRun();
    const { runs } = harness.store;
    runs.saveTargets(id, [{ id: 'c'.repeat(64), name: 'shop-web-1', service: 'web', image: 'web', outcome: null, leftOut: null }]);
    runs.addMeasurement(id, { name: 'coverage', target: null, value: 0.95, unit: 'ratio', objective: { min: 0.9 }, met: true });
    runs.addMeasurement(id, {
      name: 'time_to_healthy',
      target: 'shop-web-1',
      value: 1234.5,
      unit: 'ms',
      objective: { max: 30_000 },
      met: true,
    });
    runs.addFindings(id, [
      { probe: 'PRV-04', title: 't', target: null, state: 'holds', severity: 'low', evidence: 'e', waivedUntil: null },
    ]);
    harness.store.journal.forRun(id, 'local', 'E').open({ kind: 'restart', target: 'shop-web-1', data: {} }).step('frozen');
    runs.end(id, { ...ended, residue: ['a network is left'] });
    const { json } = await harness.call('GET', `/api/v1/runs/${id}`);
    expect(json).toEqual(JSON.parse(JSON.stringify(runs.record(id))));
    expect((await harness.call('GET', `/api/v1/runs/${id.slice(0, 25).toLowerCase()}`)).json).toMatchObject({ id });
    const shared = await harness.call('GET', `/api/v1/runs/${id.slice(0, 5)}`);
    expect([shared.status, shared.json]).toMatchObject([400, { error: { code: 'run_ambiguous' } }]);
  });

  test('an artifact comes as it was written', async () => {
    const id = harness.openRun();
    const content = JSON.stringify({ cells: Array(2_000).fill('web → cache:6379') });
    harness.store.runs.addArtifact(id, 'matrix', 'application/json', content);
    const { status, text, headers } = await harness.call('GET', `/api/v1/runs/${id}/artifacts/matrix`);
    expect([status, text, headers.get('content-type'), headers.get('content-disposition')]).toEqual([
      200,
      content,
      'application/json',
      'attachment',
    ]);
  });

  test('an abort is asked once, under the token’s name, and not of a run that has ended', async () => {
    const id = harness.openRun();
    const abort = () => harness.call('POST', `/api/v1/runs/${id}/abort`, { token: harness.tokens.responder });
    expect(await abort()).toMatchObject({ status: 202, json: { id } });
    expect(harness.store.runs.abortRequested(id)).toMatchObject({ by: 'the-responder' });
    harness.store.runs.end(id, { ...ended, verdict: 'aborted', exitCode: 4 });
    expect(await abort()).toMatchObject({ status: 409, json: { error: { code: 'run_ended' } } });
  });
});

test('targets', async () => {
  const { json } = await harness.call('GET', '/api/v1/targets');
  expect(json).toMatchObject({ targets: [{ name: 'shop-web-1', kinds: ['reverse-uptime'], createdAt: '2026-01-01T00:00:00.000Z' }] });
});

test('probes, as they say of themselves', async () => {
  const { status, json } = await harness.call('GET', '/api/v1/probes');
  const { probes } = json as { probes: { id: string }[] };
  expect([status, probes.length]).toEqual([200, catalogue.length]);
  expect(probes.find(({ id }) => id === 'SEC-01')).toMatchObject({
    group: 'secrets',
    severity: 'high',
    safety: 'read-only',
    selfTest: { weakDummy: 'careless', how: 'run', reachesHost: false, reason: null },
    cis: { version: '1.6.0', id: '4.10' },
    attack: ['T1552'],
    commands: [{ step: 'environ', command: '$B cat /proc/1/environ' }],
  });
});

test('halt blocks runs until unhalt', async () => {
  await using own = await startHarness();
  const token = own.tokens.operator;
  expect((await own.call('GET', '/api/v1/halt')).json).toEqual({ halted: false, by: null, reason: null, at: null });
  const halted = { halted: true, by: 'the-responder', reason: 'smoke', at: expect.stringMatching(/^2.*Z$/) };
  expect((await own.call('POST', '/api/v1/halt', { token: own.tokens.responder, body: { reason: ' smoke ' } })).json).toEqual(halted);
  // A second one does not take the first one's place.
  expect((await own.call('POST', '/api/v1/halt', { token })).json).toEqual(halted);
  const refused = await own.call('POST', '/api/v1/drills/by-hand/runs', { token });
  expect(refused).toMatchObject({ status: 409, json: { error: { code: 'halted', message: 'halted by the-responder: smoke' } } });
  expect(own.store.runs.list()).toEqual([]);
  expect((await own.call('POST', '/api/v1/unhalt', { token })).json).toMatchObject({ halted: false });
  expect((await own.call('POST', '/api/v1/drills/by-hand/runs', { token })).status).toBe(202);
});

test('the audit log comes in pages', async () => {
  await using own = await startHarness();
  for (let i = 0; i < 5; i++) await own.call('POST', '/api/v1/unhalt', { token: own.tokens.operator });
  const page = async (query: string) =>
    (await own.call('GET', `/api/v1/audit${query}`, { token: own.tokens.admin })).json as {
      entries: { seq: number }[];
      next: number | null;
    };
  const first = await page('?limit=3');
  const second = await page(`?limit=3&before=${first.next}`);
  expect([...first.entries, ...second.entries].map(({ seq }) => seq)).toEqual([5, 4, 3, 2, 1]);
  expect(second.next).toBeNull();
});

test('the audit log is searched, and checked as a whole', async () => {
  await using own = await startHarness();
  const { admin: token, viewer } = own.tokens;
  await own.call('POST', '/api/v1/unhalt', { token });
  await own.call('POST', '/api/v1/unhalt', { token: viewer });
  await own.call('POST', '/api/v1/halt', { token });
  const find = async (query: string) => {
    const { json } = await own.call('GET', `/api/v1/audit?${query}`, { token });
    return (json as { entries: { seq: number; outcome: string }[] }).entries.map(({ seq, outcome }) => `${seq} ${outcome}`);
  };
  expect(await find('who=the-admin')).toEqual(['3 allowed', '1 allowed']);
  expect(await find('act=unhalt&outcome=refused')).toEqual(['2 refused']);
  expect(await find('since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z')).toEqual([]);
  expect(await find('since=7d&act=halt')).toEqual(['3 allowed']);
  expect(await find('until=7d')).toEqual([]);
  for (const query of [
    'outcome=green',
    'who=',
    'before=-1',
    'before=1e3',
    'before=9007199254740993',
    'since=yesterday',
    'since=2026-02-31',
    'since=7',
    'since=9999999d',
    'limit=201',
    'x=1',
  ])
    expect(await own.call('GET', `/api/v1/audit?${query}`, { token }), query).toMatchObject({ status: 400 });

  const head = { ok: true, rows: 3, head: own.store.audit.before(null, 1)[0]?.hash };
  expect(await own.call('GET', '/api/v1/audit/verify', { token })).toMatchObject({ status: 200, json: head });
});

test('healthz always answers, readyz says what is not ready', async () => {
  const checks = [{ kind: 'engine', name: 'local', ok: false, message: 'no answer' }] as const;
  await using own = await startHarness({ ready: async () => ({ ok: false, checks }) });
  expect(await own.call('GET', '/healthz')).toMatchObject({ status: 200, json: { ok: true } });
  expect(await own.call('GET', '/readyz')).toMatchObject({ status: 503, json: { ok: false, checks } });
  expect(await own.call('HEAD', '/readyz')).toMatchObject({ status: 503, text: '' });
});

describe('listening', () => {
  test('on a port that is taken: which one, and what to set', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startServer({ ...harness.deps, config: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'address_in_use',
      exitCode: 2,
      message: `the API cannot listen: 127.0.0.1:${port} is taken by another program`,
      hint: expect.stringContaining('api.port'),
    });
    await new Promise((resolve) => other.close(resolve));
  });

  test('on an address of another machine', async () => {
    await expect(startServer({ ...harness.deps, config: { host: '198.51.100.1', port: 0 } })).rejects.toMatchObject({
      code: 'address_not_available',
      hint: expect.stringContaining('api.host'),
    });
  });

  test('on IPv6', async () => {
    await using own = await startHarness({ config: { host: '::1', port: 0 } });
    expect(own.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await own.call('GET', '/api/v1/drills')).status).toBe(200);
  });
});
