/** The pages of targets, evidence and the audit log by HTTP: who sees them, and what their forms do. */
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FreezeOrder } from '../../src/domain/evidence.ts';
import { type Visitor, visit } from './browsing.ts';
import { caseDetail, drill, type Harness, openCase, shopTarget, startHarness } from './harness.ts';

const held = `ev_01${'H'.repeat(24)}`;
const released = `ev_01${'G'.repeat(24)}`;
const target = `/targets/${shopTarget.id}`;

let harness: Harness;
let visitors: Visitor[];
beforeAll(async () => {
  harness = await startHarness();
  const { viewer, operator, responder, admin } = harness.tokens;
  visitors = await Promise.all([null, viewer, operator, responder, admin].map((token) => visit(harness, token)));
  openCase(harness.store, held);
  openCase(harness.store, released, { held: false });
});
afterAll(async () => harness[Symbol.asyncDispose]());

/** Written out, not derived: nobody from this machine, viewer, operator, responder, admin. */
test.each([
  ['/targets', [200, 200, 200, 200, 200]],
  [target, [200, 200, 200, 200, 200]],
  ['/evidence', [303, 403, 403, 200, 200]],
  [`/evidence/${held}`, [303, 403, 403, 200, 200]],
  ['/audit', [303, 403, 403, 403, 200]],
  [`/targets/${'b'.repeat(64)}`, [404, 404, 404, 404, 404]],
  ['/targets/shop-web-1', [400, 400, 400, 400, 400]],
  [`/evidence/ev_${'0'.repeat(26)}`, [303, 403, 403, 404, 404]],
  ['/targets?page=0', [400, 400, 400, 400, 400]],
  ['/targets?q=a&q=b', [400, 400, 400, 400, 400]],
  ['/evidence?before=x', [303, 403, 403, 400, 400]],
  ['/audit?since=yesterday', [303, 403, 403, 403, 400]],
])('who may read %s', async (path, expected) => {
  const answers = await Promise.all(visitors.map((who) => who.get(path)));
  expect(answers.map(({ status }) => status)).toEqual(expected);
  for (const { status, headers } of answers) {
    if (status === 303) expect(headers.get('location')).toBe(`/login?next=${encodeURIComponent(path)}`);
    else expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  }
});

describe('a freeze from a page', () => {
  test('asks for exactly this container, under the reader’s name, and leads to the run', async () => {
    const orders: [FreezeOrder, string][] = [];
    const freezes = {
      ...harness.deps.freezes,
      start: async (order: FreezeOrder, { actor }: { readonly actor: string }) => {
        orders.push([order, actor]);
        return { id: 'RUN' };
      },
    };
    await using own = await startHarness({ freezes });
    const ana = await visit(own, own.tokens.responder);
    const fields = {
      engine: 'local',
      containers: 'another',
      reason: ' odd <traffic> ',
      disposition: 'quarantine',
      memory: 'off',
      lease: '1h',
      onExpiry: 'kill',
      volumes: 'yes',
    };
    const answer = await ana.send(target, `${target}/freeze`, fields);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/runs/RUN']);
    expect(orders).toEqual([
      [
        {
          containers: [shopTarget.id],
          compose: null,
          label: null,
          engine: 'local',
          reason: 'odd <traffic>',
          disposition: 'quarantine',
          memory: 'off',
          volumes: true,
          leaseMs: 3_600_000,
          onExpiry: 'kill',
          force: false,
          alert: null,
        },
        'the-responder',
      ],
    ]);
    const acts = own.store.audit.before(null, 10).filter(({ act }) => act === 'freeze');
    expect(acts).toMatchObject([
      {
        who: 'the-responder',
        object: shopTarget.id,
        source: 'dashboard 127.0.0.1',
        data: '{"disposition":"quarantine","outcome":"allowed","reason":" odd <traffic> "}',
      },
    ]);
  });

  test.each([
    ['without a reason', { reason: '  ' }, 'say why'],
    ['of a project', { reason: 'x', compose: 'shop' }, 'exactly one of'],
    ['to an end that there is not', { reason: 'x', disposition: 'burn' }, 'disposition in the form'],
    ['for no time', { reason: 'x', lease: '0s' }, 'lease in the form'],
  ])('%s is not done', async (_, fields, text) => {
    const runs = harness.store.runs.list().length;
    const answer = await (await visit(harness, harness.tokens.responder)).send(target, `${target}/freeze`, fields);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(text);
    expect(harness.store.runs.list().length).toBe(runs);
  });

  test.each(['viewer', 'operator'] as const)('is not for a %s, who sees no form either', async (role) => {
    const who = await visit(harness, harness.tokens[role]);
    expect((await who.get(target)).text).not.toContain(`${target}/freeze`);
    expect((await who.post(`${target}/freeze`, { reason: 'x' })).status).toBe(403);
  });

  test('needs the page’s own secret', async () => {
    const ana = await visit(harness, harness.tokens.responder);
    expect((await ana.post(`${target}/freeze`, { reason: 'x', csrf: 'guess' })).status).toBe(403);
    expect((await (await visit(harness, null)).post(`${target}/freeze`, { reason: 'x' })).status).toBe(401);
  });
});

describe('evidence', () => {
  test('reading it is in the audit log, and so is being refused', async () => {
    await using own = await startHarness();
    openCase(own.store, held);
    await (await visit(own, own.tokens.responder)).get(`/evidence/${held}`);
    await (await visit(own, own.tokens.viewer)).get(`/evidence/${held}`);
    const rows = own.store.audit.before(null, 10).filter(({ act }) => act === 'evidence show');
    expect(rows.map(({ who, object, data }) => [who, object, data])).toEqual([
      ['the-viewer', held, '{"code":"role_too_small","outcome":"refused"}'],
      ['the-responder', held, '{"outcome":"allowed"}'],
    ]);
  });

  test('is released, and its lease set, under the reader’s name', async () => {
    const asked: unknown[] = [];
    await using own = await startHarness({
      freezes: {
        ...harness.deps.freezes,
        release: async (...all) => {
          asked.push(['release', ...all]);
          return { outcome: 'killed' };
        },
        lease: async (...all) => {
          asked.push(['lease', ...all]);
          return own.store.holds.current()[0] as never;
        },
      },
    });
    openCase(own.store, held);
    openCase(own.store, released, { held: false });
    const ana = await visit(own, own.tokens.responder);
    const page = `/evidence/${held}`;
    const lease = await ana.send(page, `${page}/lease`, { lease: '24h' });
    const release = await ana.send(page, `${page}/release`, { to: 'kill' });
    expect([lease, release].map(({ status, headers }) => [status, headers.get('location')])).toEqual([
      [303, `${page}#hold`],
      [303, `${page}#hold`],
    ]);
    expect(asked).toEqual([
      ['lease', held, 86_400_000, 'the-responder'],
      ['release', held, 'kill', 'the-responder'],
    ]);
    expect((await ana.send(page, `${page}/release`, { to: 'burn' })).status).toBe(400);
    const csrf = /name="csrf" value="([\w-]+)"/.exec((await ana.get(page)).text)?.[1] ?? '';
    const late = await ana.post(`/evidence/${released}/release`, { csrf, to: 'kill' });
    expect([late.status, late.text.includes('holds no container any more')]).toEqual([409, true]);
    expect(asked).toHaveLength(2);
  });

  test('is verified when it is asked for, once at a time, and says how it came out', async () => {
    let end = (_ok: boolean): void => undefined;
    let begun = 0;
    const verify = () =>
      new Promise<{ ok: boolean; checked: number; signedBy: null; problems: []; notes: [] }>((resolve) => {
        begun++;
        end = (ok) => resolve({ ok, checked: 3, signedBy: null, problems: [], notes: [] });
      });
    await using own = await startHarness({ evidence: { ...harness.deps.evidence, get: async (id) => caseDetail(own.store, id), verify } });
    openCase(own.store, held);
    own.store.evidence.update(held, { state: 'whole' });
    const ana = await visit(own, own.tokens.responder);
    const page = `/evidence/${held}`;
    await ana.get(page);
    expect(begun).toBe(0);
    const asking = ana.send(page, `${page}/verify`);
    while (begun === 0) await setImmediate();
    expect((await ana.get(page)).text).toContain('being verified');
    end(false);
    expect((await asking).headers.get('location')).toBe(`${page}#verify`);
    expect((await ana.get(page)).text).toContain('not verified');
  });

  test('is taken away by a form alone: a cookie by itself gets nothing', async () => {
    await using own = await startHarness();
    openCase(own.store, held);
    own.store.evidence.update(held, { state: 'whole' });
    const ana = await visit(own, own.tokens.responder);
    const page = `/evidence/${held}`;
    const tar = await ana.send(page, `${page}/download`);
    expect([tar.status, tar.text, tar.headers.get('content-type')]).toEqual([
      200,
      `a tar of ${held} for the-responder`,
      'application/x-tar',
    ]);
    expect(tar.headers.get('content-disposition')).toBe(`attachment; filename="${held}.tar"`);
    expect(JSON.parse((await ana.send(page, `${page}/manifest`)).text)).toEqual({ id: held, subject: [] });
    expect(JSON.parse((await ana.send(page, `${page}/detail`)).text)).toMatchObject({ evidence: { id: held } });
    expect((await ana.get(`${page}/download`)).status).toBe(404);
    expect((await ana.get(`/api/v1${page}/download`)).status).toBe(401);
    expect((await ana.post(`${page}/download`, {})).status).toBe(403);
    const acts = own.store.audit.before(null, 20).map(({ act }) => act);
    expect(acts).toEqual(expect.arrayContaining(['evidence download', 'evidence manifest', 'evidence show']));
  });
});

describe('targets', () => {
  test('ten thousand are a hundred a page, found by their name, and asked for once', async () => {
    let asked = 0;
    const views = Array.from({ length: 10_000 }, (_, i) => ({
      ...shopTarget,
      id: i.toString(16).padStart(64, '0'),
      name: `shop-web-${i}`,
    }));
    const targets = async () => {
      asked++;
      return views;
    };
    const fleet = [{ engine: 'local', targets }];
    await using own = await startHarness({ fleet });
    const who = await visit(own, null);
    const [first, found] = [await who.get('/targets'), await who.get('/targets?q=web-9999')];
    expect(first.text.match(/<tr id="target-/g)).toHaveLength(100);
    expect(first.text).toContain('1–100 of 10,000');
    expect(found.text.match(/<tr id="target-/g)).toHaveLength(1);
    const last = await who.get('/targets?page=999999');
    expect(last.text).toContain('9,901–10,000 of 10,000');
    expect(asked).toBe(1);
  });

  test('an engine that says nothing is said, and the others are shown', async () => {
    const silent = { engine: 'far', targets: () => new Promise<never>(() => undefined) };
    await using own = await startHarness({ fleet: [...harness.deps.fleet, silent] });
    const { status, text } = await (await visit(own, null)).get('/targets');
    expect([status, text.includes('has not answered yet'), text.includes('shop-web-1')]).toEqual([200, true, true]);
  });

  test('what is held is frozen, whatever the engine said a moment ago', async () => {
    const one = { ...shopTarget, id: 'c'.repeat(64), limit: { drill: drill('weekly').name, ms: 1, of: 'container' as const } };
    await using own = await startHarness({ fleet: [{ engine: 'local', targets: async () => [one] }] });
    const who = await visit(own, own.tokens.viewer);
    expect((await who.get('/targets')).text).toContain('over by');
    openCase(own.store, held);
    expect((await who.get('/targets?show=frozen')).text).toContain(`/evidence/${held}`);
  });
});

test('the audit log is searched and checked on its page', async () => {
  await using own = await startHarness();
  await own.call('POST', '/api/v1/unhalt', { token: own.tokens.viewer });
  const who = await visit(own, own.tokens.admin);
  await own.call('POST', '/api/v1/halt', { token: own.tokens.operator });
  const rows = async (query: string) => (await who.get(`/audit?${query}`)).text.match(/<tr id="act-/g)?.length ?? 0;
  expect(await rows('who=the-operator')).toBe(1);
  expect(await rows('act=unhalt&outcome=refused&since=1h&until=')).toBe(1);
  expect(await rows('until=2026-01-01')).toBe(0);
  expect((await who.get('/audit?verify=1')).text).toContain('as they were written');
});
