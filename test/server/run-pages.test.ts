/** The pages of one run, of segmentation and of rotation, as the server gives them: with a great run, and with hostile ones. */

import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAudit } from '../../src/access/audit.ts';
import type { CurvePlan } from '../../src/domain/curve.ts';
import type { MatrixCell } from '../../src/domain/matrix.ts';
import type { Finding } from '../../src/domain/words.ts';
import { visit } from './browsing.ts';
import { drill, type Harness, startHarness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({
    catalogue: () => ({ drills: [drill('net', { kind: 'segmentation' }), drill('later', { kind: 'segmentation' })], problems: [] }),
  });
});
afterAll(async () => harness[Symbol.asyncDispose]());

async function page(path: string, cookie?: string): Promise<{ readonly status: number; readonly text: string }> {
  const { status, text } = await harness.call('GET', path, {
    headers: { accept: 'text/html', ...(cookie === undefined ? {} : { cookie }) },
  });
  return { status, text };
}

function post(path: string, fields: Readonly<Record<string, string>>, cookie = '') {
  return harness.call('POST', path, {
    body: new URLSearchParams(fields).toString(),
    headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded', origin: harness.url, cookie },
  });
}

async function login(token: string): Promise<string> {
  return (await post('/login', { token })).headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** What a page says, without its marks. */
function words(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

function articleOf(html: string): string {
  return html.slice(html.indexOf('<article'), html.indexOf('</article>'));
}

function end(id: string, verdict: 'passed' | 'failed' | 'refused', residue: readonly string[] = []): void {
  harness.store.runs.end(id, { verdict, reason: `it ${verdict}`, exitCode: verdict === 'passed' ? 0 : 1, residue });
}

const finding: Finding = {
  probe: 'PRV-04',
  title: 'no new privileges',
  target: 'shop-web-1',
  state: 'broken',
  severity: 'medium',
  evidence: 'NoNewPrivs: 0',
  waivedUntil: null,
};

describe('a run', () => {
  test('has its verdict first, then what it stands on, the worst first', async () => {
    const id = harness.openRun();
    const { runs, journal } = harness.store;
    runs.saveTargets(id, [
      { id: 'a'.repeat(64), name: 'shop-web-1', service: 'web', image: 'shop-web', outcome: 'recycled', leftOut: null },
      { id: 'b'.repeat(64), name: 'shop-tools-1', service: null, image: 'tools', outcome: null, leftOut: 'it is not opted in' },
    ]);
    runs.addMeasurement(id, { name: 'fine', target: null, value: 1, unit: 'count', objective: null, met: null });
    runs.addMeasurement(id, { name: 'downtime', target: 'shop-web-1', value: 6_000, unit: 'ms', objective: { max: 2_000 }, met: false });
    runs.addFindings(id, [
      { ...finding, state: 'holds', title: 'holds well' },
      { ...finding, title: 'a low one', severity: 'low' },
      { ...finding, title: 'a critical one', severity: 'critical' },
      { ...finding, title: 'a critical one', severity: 'critical', target: 'shop-web-2' },
      { ...finding, title: 'a waived one', waivedUntil: '2030-01-01T00:00:00.000Z' },
      { ...finding, title: 'an unsure one', state: 'inconclusive' },
    ]);
    const change = journal.forRun(id, 'local', 'ENGINE').open({ kind: 'recreate', target: 'shop-web-1', data: {} });
    change.step('create');
    change.close('residue', 'the old one is still there');
    runs.addArtifact(id, 'plan', 'application/json', '{}');
    runs.setEvidence(id, ['ev_01J']);
    end(id, 'failed', ['shop-web-1 was not put back']);
    const { status, text } = await page(`/runs/${id}`);
    const said = words(text);
    expect(status).toBe(200);
    const order = [
      'it failed',
      'Left behind',
      'shop-web-1 was not put back',
      `pitwall run recycle-shop --replay ${id}`,
      'downtime',
      '300%',
      'missed',
      'fine',
      'Broken 2',
      'a critical one on shop-web-1, shop-web-2',
      'a low one',
      'an unsure one',
      'waived until 2030-01-01',
      'holds well',
      'recycled',
      'it is not opted in',
      'recreate',
      'the old one is still there',
      'ev_01J',
      'Timeline',
    ].map((part) => [part, said.indexOf(part)] as const);
    expect(order.filter(([, at]) => at < 0)).toEqual([]);
    expect(order.map(([, at]) => at)).toEqual(order.map(([, at]) => at).toSorted((a, b) => a - b));
    expect(text).toContain(`href="/api/v1/runs/${id}/artifacts/plan"`);
    expect(text).toContain('href="/evidence/ev_01J"');
    expect(text).not.toMatch(/ style=/);
  });

  test('of thousands of events and samples and 80 findings on eight targets stays small', async () => {
    const id = harness.openRun();
    const { store } = harness;
    store.atOnce(() => {
      for (let i = 0; i < 2_000; i++) store.events.add(id, 'step', `shop-web-${i % 8}`, `step ${i} of what this run did to it`);
    });
    store.samples.add(
      Array.from({ length: 20_000 }, (_, i) => ({
        runId: id,
        check: `check ${i % 4}`,
        at: i,
        offsetMs: i * 10,
        latencyMs: (i * 7) % 113,
        ...(i === 8_000 ? { ok: false, error: 'HTTP 503' } : { ok: true, error: null }),
      })),
    );
    const findings = Array.from({ length: 80 * 8 }, (_, i) => ({
      ...finding,
      probe: `PRV-${i % 80}`,
      target: `shop-web-${i % 8}`,
      evidence: `CapEff: ${(i * 2_654_435_761).toString(16)} `.repeat(8),
    }));
    store.runs.addFindings(id, findings);
    const going = await page(`/runs/${id}`);
    expect(words(going.text)).toContain('The last 500 of 2000 events, newest first');
    expect(going.text.indexOf('step 1999 of')).toBeLessThan(going.text.indexOf('step 1500 of'));
    end(id, 'passed');
    const { text } = await page(`/runs/${id}`);
    expect(words(text)).toContain('The last 500 of 2000 events, oldest first');
    expect(text.indexOf('step 1500 of')).toBeLessThan(text.indexOf('step 1999 of'));
    expect(words(text)).toContain('longest outage 40 ms');
    expect(text).toContain('class="seg-bad"');
    expect(brotliCompressSync(text).length).toBeLessThan(40_000);
    // what was sampled is remembered, and is the same
    expect(articleOf((await page(`/runs/${id}`)).text) === articleOf(text)).toBe(true);
  });

  test('that has ended is run again on the same targets by who may run drills', async () => {
    const asked: unknown[] = [];
    await using own = await startHarness({
      startRun: async (name, { replay, actor }) => {
        asked.push([name, replay, actor]);
        return { id: '01J00000000000000000000000' };
      },
    });
    const id = own.openRun({ drill: 'by-hand' });
    const target = { id: 'a'.repeat(64), name: 'shop-web-1', service: 'web', image: 'web', outcome: null, leftOut: null };
    own.store.runs.saveTargets(id, [target, { ...target, id: 'b'.repeat(64), name: 'shop-db-1', leftOut: 'it is not opted in' }]);
    const operator = await visit(own, own.tokens.operator);
    expect((await operator.get(`/runs/${id}`)).text).not.toContain('Same targets again');
    own.store.runs.end(id, { verdict: 'passed', reason: '', exitCode: 0, residue: [] });
    const said = words((await operator.get(`/runs/${id}`)).text);
    expect(said).toMatch(/Same targets again .*on shop-web-1 \. It is refused/);
    const viewer = await visit(own, own.tokens.viewer);
    expect((await viewer.get(`/runs/${id}`)).text).not.toContain('name="replay"');
    const answer = await operator.send(`/runs/${id}`, '/drills/by-hand/runs');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/runs/01J00000000000000000000000']);
    expect(asked).toEqual([['by-hand', id, 'the-operator']]);
    expect(openAudit(own.store).list({ limit: 1 })).toMatchObject([
      { act: 'run', object: 'by-hand', data: { outcome: 'allowed', replay: id } },
    ]);
  });

  test('that goes on can be aborted by who may, and by nobody else', async () => {
    const id = harness.openRun();
    expect((await page(`/runs/${id}`)).text).toContain('Log in');
    const viewer = await login(harness.tokens.viewer);
    expect((await page(`/runs/${id}`, viewer)).text).not.toContain(`/runs/${id}/abort`);
    const operator = await login(harness.tokens.operator);
    const { text } = await page(`/runs/${id}`, operator);
    expect(text).toContain(`action="/runs/${id}/abort"`);
    const csrf = /name="csrf" value="([\w-]+)"/.exec(text)?.[1] ?? '';
    expect((await post(`/runs/${id}/abort`, {}, operator)).status).toBe(403);
    const answer = await post(`/runs/${id}/abort`, { csrf }, operator);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/runs/${id}`]);
    expect(harness.store.runs.abortRequested(id)?.by).toBe('the-operator');
    expect(words((await page(`/runs/${id}`, operator)).text)).toContain('abort asked for');
    end(id, 'refused');
    expect((await post(`/runs/${id}/abort`, { csrf }, operator)).status).toBe(409);
  });

  test('that is not there is not found, and an artifact that cannot be read is not taken for none', async () => {
    expect((await page('/runs/01J00000000000000000000000')).status).toBe(404);
    const id = harness.openRun();
    harness.store.runs.addArtifact(id, 'curve', 'application/json', '{"plans":[{"odd":1}]}');
    harness.store.runs.addArtifact(id, 'matrix', 'application/json', 'not JSON');
    const { status, text } = await page(`/runs/${id}`);
    expect(status).toBe(200);
    expect(text.match(/cannot read it/g)).toHaveLength(2);
    end(id, 'passed');
  });

  test('shows what comes from outside inert', async () => {
    const evil = '"><script>alert(1)</script>\u001b[31m\u202e';
    const id = harness.openRun({ actor: evil, seed: evil });
    const { runs, events, journal, samples } = harness.store;
    runs.saveTargets(id, [{ id: evil, name: evil, service: evil, image: evil, outcome: evil, leftOut: null }]);
    runs.addMeasurement(id, { name: evil, target: evil, value: 1, unit: 'count', objective: { max: 0 }, met: false });
    runs.addFindings(id, [{ ...finding, probe: evil, title: evil, target: evil, evidence: evil }]);
    runs.addArtifact(id, evil, evil, '{}');
    runs.setEvidence(id, [evil]);
    events.add(id, evil, evil, evil);
    journal.forRun(id, 'local', 'ENGINE').open({ kind: evil, target: evil, data: {} });
    samples.add([{ runId: id, check: evil, at: 1, offsetMs: 1, ok: false, latencyMs: 1, error: evil }]);
    runs.addArtifact(id, 'matrix', 'application/json', JSON.stringify({ cells: [{ ...cell, from: evil, to: evil, address: evil }] }));
    end(id, 'failed', [evil]);
    const { status, text } = await page(`/runs/${id}`);
    expect(status).toBe(200);
    expect(text).not.toMatch(/<script>|\p{Bidi_Control}|[^\P{Cc}\n\t]/u);
  });
});

const cell: MatrixCell = {
  from: 'web',
  to: 'db',
  address: '10.0.0.2',
  port: 5432,
  protocol: 'tcp',
  declared: 'deny',
  simulated: 'deny',
  measured: 'open',
  disagreement: 'bypass',
};
const plan: CurvePlan = {
  plan: 'leak',
  credential: 'canary',
  probeEveryMs: 50,
  uncertaintyMs: 1,
  from: -1_000,
  to: 9_000,
  phases: [],
  tracks: [
    {
      point: 'db:5432',
      from: 'api',
      credential: 'old',
      mode: 'login',
      changes: [{ at: 5, answer: 'accepted', code: null }],
      attempts: { accepted: 9, refused: 0, closed: 0, unknown: 0 },
    },
  ],
  consumers: [],
};

test('a drill has the worst value of each day against its objective', async () => {
  expect(words((await page('/drills/later')).text)).not.toContain('Objectives over');
  for (const [value, met] of [
    [90_000, false],
    [1_000, true],
  ] as const) {
    const id = harness.openRun({ drill: 'later', kind: 'segmentation' });
    const objective = { max: 60_000 };
    harness.store.runs.addMeasurement(id, { name: 'time_to_healthy', target: `one-${value}`, value, unit: 'ms', objective, met });
    end(id, met ? 'passed' : 'failed');
  }
  const { text } = await page('/drills/later');
  expect(words(text)).toMatch(/Objectives over the last 90 days .*1 values against ≤ 1 m, which 1 missed. Last 1 m 30 s on/);
});

describe('the newest', () => {
  test('matrix of each drill is shown, and that a newer run has none; a drill without any says how to practise it', async () => {
    const id = harness.openRun({ drill: 'net', kind: 'segmentation' });
    harness.store.runs.addArtifact(id, 'matrix', 'application/json', JSON.stringify({ cells: [cell] }));
    end(id, 'failed');
    const later = harness.openRun({ drill: 'net', kind: 'segmentation' });
    end(later, 'refused');
    const said = words((await page('/segmentation')).text);
    expect(said).toContain('1 ways, 1 on which policy and network disagree, 0 not known');
    expect(said).toContain('reached although no network joins the two');
    expect(said).toContain('recorded none: it refused');
    expect(said).toContain('pitwall run later');
  });

  test('rotation: without a drill of the kind it says so, and with a run whether the old secret is shut out', async () => {
    const before = words((await page('/rotation')).text);
    expect(before).toContain('Never practised, so nothing is known.');
    expect(before).toContain('No drill of the catalogue is of kind secret-rotation');
    const id = harness.openRun({ drill: 'leak', kind: 'secret-rotation' });
    harness.store.runs.addArtifact(id, 'curve', 'application/json', JSON.stringify({ plans: [plan] }));
    end(id, 'failed');
    expect(words((await page('/rotation')).text)).toContain('the old secret was shut out at 0 of 1 points, 0 requests failed');
  });

  test('of many drills shows one, and the one that is asked for', async () => {
    for (const drill of ['a', 'b', 'c', 'd']) {
      const id = harness.openRun({ drill, kind: 'secret-rotation' });
      harness.store.runs.addArtifact(id, 'curve', 'application/json', JSON.stringify({ plans: [plan] }));
      end(id, 'passed');
    }
    const { text } = await page('/rotation');
    expect(text.match(/<svg/g)).toHaveLength(1);
    const [, other = ''] = /href="(\/rotation\?run=\w+)"/.exec(text) ?? [];
    const chosen = await page(other);
    expect(chosen.text.match(/<svg/g)).toHaveLength(1);
    expect(chosen.text).toContain(`id="run-${other.split('=')[1]}"`);
    expect((await page('/rotation?run=a&run=b')).status).toBe(200);
  });
});
