import { afterAll, beforeAll, expect, test } from 'vitest';
import { finding, target } from '../../src/report/testkit.ts';
import { type Harness, startHarness } from './harness.ts';

let harness: Harness;
let run: string;
beforeAll(async () => {
  harness = await startHarness();
  run = harness.openRun({ drill: 'recycle-shop' });
  harness.store.runs.saveTargets(run, [target('shop-web-1', 'web')]);
  harness.store.runs.addFindings(run, [finding({ title: '<script>alert(1)</script>' })]);
  harness.store.runs.end(run, { verdict: 'failed', reason: 'PRV-04 broken', exitCode: 1, residue: [] });
});
afterAll(async () => harness[Symbol.asyncDispose]());

const make = (body: unknown, token: string | undefined = harness.tokens.responder) =>
  harness.call('POST', '/api/v1/reports', { body, token });
interface Entry {
  readonly id: string;
  readonly files: readonly string[];
}

test('one is made by a token, listed, and read as it was written', async () => {
  const made = await make({ run });
  const { id, files } = made.json as Entry;
  expect([made.status, made.headers.get('location')]).toEqual([201, `/api/v1/reports/${id}`]);
  expect(files).toContain('journal.json');
  expect(((await harness.call('GET', '/api/v1/reports')).json as { reports: Entry[] }).reports.map((one) => one.id)).toContain(id);
  const json = await harness.call('GET', `/api/v1/reports/${id}`);
  expect(json.json).toMatchObject({ schema: 'pitwall-report/1', id, scope: { type: 'run', run } });
  const html = await harness.call('GET', `/api/v1/reports/${id}?file=report.html`);
  expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(html.headers.get('content-disposition')).toBe(`inline; filename="${id}.html"`);
  expect(html.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox$/,
  );
  expect(html.text).not.toContain('<script>');
  const csv = await harness.call('GET', `/api/v1/reports/${id}?file=findings.csv`);
  expect([csv.headers.get('content-disposition'), csv.text.split('\r\n')[1]]).toEqual([
    `attachment; filename="${id}-findings.csv"`,
    expect.stringContaining('"PRV-04"'),
  ]);
});

test('the list comes by the page, as runs do', async () => {
  for (let n = 0; n < 3; n++) await make({ run });
  interface Page {
    readonly reports: readonly Entry[];
    readonly next: string | null;
  }
  const page = async (query: string) => (await harness.call('GET', `/api/v1/reports${query}`)).json as Page;
  const all = (await page('')).reports.map(({ id }) => id);
  const paged: string[] = [];
  for (let query = '?limit=2'; query !== ''; ) {
    const { reports, next } = await page(query);
    expect(reports.length).toBeLessThanOrEqual(2);
    paged.push(...reports.map(({ id }) => id));
    query = next === null ? '' : `?limit=2&before=${next}`;
  }
  expect(all.length).toBeGreaterThan(3);
  expect(paged).toEqual(all);
  for (const query of ['limit=0', 'limit=201', 'limit=x', 'before=..', 'before=', 'after=x'])
    expect((await harness.call('GET', `/api/v1/reports?${query}`)).status, query).toBe(400);
});

test('who only reads makes none', async () => {
  expect((await harness.call('POST', '/api/v1/reports', { body: { run } })).status).toBe(401);
  expect((await make({ run }, harness.tokens.viewer)).status).toBe(403);
});

test.each([
  [{ run: '01ZZZZZZZZZZZZZZZZZZZZZZZZ' }, 404, 'unknown_run'],
  [{ service: 'nobody' }, 404, 'unknown_service'],
  [{ from: '2026-02-02', until: '2026-02-01' }, 400, 'usage'],
  [{ run: '01ZZZZZZZZZZZZZZZZZZZZZZZZ', service: 'web' }, 400, 'usage'],
  [{ since: '3 parsecs' }, 400, 'usage'],
  [{ from: 'yesterday' }, 400, 'invalid_request'],
  [{ run: '../../token' }, 400, 'invalid_request'],
  [{ runs: 'x' }, 400, 'invalid_request'],
])('%j: %i %s', async (body, status, code) => {
  const answer = await make(body);
  expect([answer.status, (answer.json as { error: { code: string } }).error.code]).toEqual([status, code]);
});

test.each([
  ['report-nobody', 404],
  ['report-x%2f..%2f..', 400],
  ['..%2f..%2fpitwall.db', 400],
  ['report-nobody?file=token', 400],
])('GET reports/%s: %i', async (path, status) => {
  expect((await harness.call('GET', `/api/v1/reports/${path}`)).status).toBe(status);
});

test('the page makes one by its form, and says what is wrong with what was asked', async () => {
  const headers = { accept: 'text/html', origin: harness.url, 'content-type': 'application/x-www-form-urlencoded' };
  const form = (path: string, fields: Readonly<Record<string, string>>, cookie = '') =>
    harness.call('POST', path, { body: new URLSearchParams(fields).toString(), headers: { ...headers, cookie } });
  const cookie = (await form('/login', { token: harness.tokens.operator })).headers.get('set-cookie')?.split(';')[0] ?? '';
  const page = (path: string) => harness.call('GET', path, { headers: { accept: 'text/html', cookie } });
  const { text } = await page(`/reports?service=${encodeURIComponent('<b>"')}`);
  expect(text).toContain('value="&lt;b>&quot;"');
  const csrf = /name="csrf" value="([\w-]+)"/.exec(text)?.[1] ?? '';
  const made = await form('/reports', { csrf, from: '', until: '', service: 'web' }, cookie);
  expect(made.status).toBe(303);
  const id = made.headers.get('location')?.replace('/reports#', '') ?? '';
  expect(id).toMatch(/^report-service-web-/);
  expect((await page('/reports')).text).toContain(`/api/v1/reports/${id}?file=report.html`);
  const older = await page(`/reports?before=${id}`);
  expect([older.status, older.text]).toEqual([200, expect.not.stringContaining(`/api/v1/reports/${id}?file`)]);
  const linked = /href="(\/reports\?run=[^"#]+)#report-run"/.exec((await page(`/runs/${run}`)).text)?.[1] ?? '';
  expect((await page(linked)).text).toMatch(new RegExp(`name="run" value="${run}"`));
  expect((await form('/reports', { csrf, run: '01ZZZZZZZZZZZZZZZZZZZZZZZZ' }, cookie)).status).toBe(404);
  const wrong = await form('/reports', { csrf, from: '2026-02-02', until: '2026-02-01' }, cookie);
  expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('is after')]);
  expect((await form('/reports', { csrf: 'x', service: 'web' }, cookie)).status).toBe(403);
});
