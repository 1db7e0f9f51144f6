import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RefusedError } from '../../src/domain/errors.ts';
import type { FreezeOrder } from '../../src/domain/evidence.ts';
import { defaultLimits } from '../../src/server/limits.ts';
import { type Harness, openCase, startHarness } from './harness.ts';

const held = `ev_01J${'0'.repeat(22)}1`;
const ended = `ev_01K${'0'.repeat(22)}2`;

let harness: Harness;
let token: string;
const asked: unknown[] = [];
beforeAll(async () => {
  harness = await startHarness({
    freezes: {
      start: async (order, who) => {
        asked.push([order, who]);
        return { id: harness.openRun({ drill: null, kind: 'forensic-freeze', ...who }) };
      },
      release: async (id, to, who) => {
        asked.push([id, to, who]);
        return { outcome: 'resumed' };
      },
      lease: async (id, ms, who) => {
        asked.push([id, ms, who]);
        const hold = harness.store.holds.get(id);
        if (hold === null) throw new Error('no hold');
        return hold;
      },
    },
  });
  token = harness.tokens.responder;
  openCase(harness.store, held);
  openCase(harness.store, ended, { held: false });
});
afterAll(async () => harness[Symbol.asyncDispose]());

const defaults: FreezeOrder = {
  containers: null,
  compose: null,
  label: null,
  engine: null,
  reason: null,
  disposition: 'keep',
  memory: 'proc',
  volumes: false,
  leaseMs: 4 * 3_600_000,
  onExpiry: 'notify',
  force: false,
  alert: null,
};

describe('POST /api/v1/freezes', () => {
  test.each([
    [{ containers: ['web'] }, { containers: ['web'] }],
    [
      { compose: 'shop', reason: ' smoke ' },
      { compose: 'shop', reason: 'smoke' },
    ],
    [
      { label: { tier: 'web' }, engine: 'local' },
      { label: { tier: 'web' }, engine: 'local' },
    ],
    [
      {
        containers: ['a', 'b'],
        disposition: 'replace',
        memory: 'off',
        volumes: true,
        lease: '1h30m',
        onExpiry: 'kill',
        force: true,
        reason: 'r',
      },
      {
        containers: ['a', 'b'],
        disposition: 'replace',
        memory: 'off',
        volumes: true,
        leaseMs: 5_400_000,
        onExpiry: 'kill',
        force: true,
        reason: 'r',
      },
    ],
  ])('%j', async (body, order) => {
    asked.length = 0;
    expect((await harness.call('POST', '/api/v1/freezes', { token, body })).status).toBe(202);
    expect(asked).toEqual([
      [
        { ...defaults, ...order },
        { actor: 'the-responder', trigger: 'api', scope: [] },
      ],
    ]);
  });

  test.each([
    ['nothing', {}, 'must say which containers'],
    ['two ways', { containers: ['a'], compose: 'b' }, 'exactly one of containers, compose and label'],
    ['no container', { containers: [] }, 'containers in the body'],
    ['no label', { label: {} }, 'must have at least one label'],
    ['a path', { containers: ['../../images'] }, 'expected a container’s name or id'],
    ['a glob', { containers: ['web-*'] }, 'expected a container’s name or id'],
    ['a query', { containers: ['web?force=1'] }, 'expected a container’s name or id'],
    ['a lease without a unit', { containers: ['a'], lease: 4 }, 'lease in the body: is not a duration: a number needs its unit'],
    ['a short lease', { containers: ['a'], lease: '1s' }, 'lease in the body: is less than 60000 ms'],
    ['force without a reason', { containers: ['a'], force: true }, 'force needs a reason'],
    ['an unknown key', { containers: ['a'], alert: {} }, 'unrecognized key: "alert"'],
    ['a long reason', { containers: ['a'], reason: 'x'.repeat(501) }, 'reason in the body'],
  ])('%s', async (_name, body, message) => {
    asked.length = 0;
    const answer = await harness.call('POST', '/api/v1/freezes', { token, body });
    expect([answer.status, answer.json]).toEqual([
      400,
      { error: { code: 'invalid_request', message: expect.stringContaining(message), hint: null } },
    ]);
    expect(asked).toEqual([]);
  });

  test('a refusal of the runner', async () => {
    const start = () => Promise.reject(new RefusedError('skip', 'web carries pitwall.skip', { hint: 'force' }));
    await using own = await startHarness({ freezes: { ...harness.deps.freezes, start } });
    const answer = await own.call('POST', '/api/v1/freezes', { token: own.tokens.responder, body: { containers: ['web'] } });
    expect([answer.status, answer.json]).toEqual([409, { error: { code: 'skip', message: 'web carries pitwall.skip', hint: 'force' } }]);
  });

  test('leads to the run', async () => {
    await using own = await startHarness();
    const answer = await own.call('POST', '/api/v1/freezes', { token: own.tokens.responder, body: { containers: ['web'] } });
    const { id } = answer.json as { id: string };
    expect([answer.status, answer.headers.get('location')]).toEqual([202, `/api/v1/runs/${id}`]);
    expect((await own.call('GET', `/api/v1/runs/${id}`)).json).toMatchObject({ actor: 'the-responder', trigger: 'api', drill: null });
  });
});

describe('what is held', () => {
  test('is listed, and whether it is overdue', async () => {
    const { json } = await harness.call('GET', '/api/v1/freezes');
    expect(json).toEqual({ freezes: [{ ...harness.store.holds.get(held), overdue: true }] });
  });

  test('is released, and held for longer, by any beginning of the id', async () => {
    asked.length = 0;
    for (const id of [held, '01j0', 'ev_01J0']) {
      expect((await harness.call('POST', `/api/v1/freezes/${id}/release`, { token, body: { to: 'resume' } })).json).toEqual({
        outcome: 'resumed',
      });
    }
    const lease = await harness.call('POST', `/api/v1/freezes/${held}/lease`, { token, body: { lease: '24h' } });
    expect([lease.status, lease.json]).toEqual([200, harness.store.holds.get(held)]);
    expect(asked).toEqual([...Array(3).fill([held, 'resume', 'the-responder']), [held, 86_400_000, 'the-responder']]);
  });

  test.each([
    ['release', ended, { to: 'resume' }, 409, 'not_held'],
    ['release', `ev_${'0'.repeat(26)}`, { to: 'resume' }, 404, 'unknown_evidence'],
    ['release', held, { to: 'thaw' }, 400, 'invalid_request'],
    ['release', held, {}, 400, 'invalid_request'],
    ['release', '01J', { to: 'resume' }, 400, 'invalid_request'],
    ['release', '..%2f..', { to: 'resume' }, 400, 'invalid_request'],
    ['lease', ended, { lease: '1h' }, 409, 'not_held'],
    ['lease', held, { lease: '0' }, 400, 'invalid_request'],
    ['lease', held, { lease: 60 }, 400, 'invalid_request'],
  ])('%s of %s: %j', async (act, id, body, status, code) => {
    const answer = await harness.call('POST', `/api/v1/freezes/${id}/${act}`, { token, body });
    expect([answer.status, answer.json]).toMatchObject([status, { error: { code } }]);
  });

  test('a beginning of several', async () => {
    const answer = await harness.call('POST', '/api/v1/freezes/ev_01/release', { token, body: { to: 'resume' } });
    expect(answer.status).toBe(400);
    await using own = await startHarness();
    openCase(own.store, `ev_01J0${'0'.repeat(21)}1`, { held: false });
    openCase(own.store, `ev_01J0${'0'.repeat(21)}2`, { held: false });
    const both = await own.call('POST', '/api/v1/freezes/01J0/release', { token: own.tokens.responder, body: { to: 'resume' } });
    expect([both.status, both.json]).toMatchObject([400, { error: { code: 'evidence_ambiguous' } }]);
  });
});

describe('evidence', () => {
  test('is listed in pages, newest first, by what is asked', async () => {
    const list = async (query: string) => (await harness.call('GET', `/api/v1/evidence${query}`, { token })).json;
    expect(await list('')).toEqual({ evidence: [harness.store.evidence.get(ended), harness.store.evidence.get(held)], next: null });
    expect(await list('?limit=1')).toMatchObject({ evidence: [{ id: ended }], next: ended });
    expect(await list(`?limit=1&before=${ended}`)).toMatchObject({ evidence: [{ id: held }], next: null });
    expect(await list('?held=true')).toMatchObject({ evidence: [{ id: held, hold: { state: 'held' } }] });
    expect(await list('?state=whole')).toEqual({ evidence: [], next: null });
    expect(await list(`?run=${ended.slice(3)}`)).toMatchObject({ evidence: [{ id: ended }] });
    for (const bad of ['?held=1', '?state=x', '?before=x', '?limit=0', '?container=x']) {
      expect((await harness.call('GET', `/api/v1/evidence${bad}`, { token })).status, bad).toBe(400);
    }
  });

  test('is shown, verified and downloaded, which is in the audit log', async () => {
    await using own = await startHarness();
    openCase(own.store, held);
    const get = (part: string) => own.call('GET', `/api/v1/evidence/${held}${part}`, { token: own.tokens.responder });
    expect((await get('')).json).toMatchObject({ evidence: { id: held, state: 'capturing' }, processes: [] });
    expect((await get('/manifest')).json).toEqual({ id: held, subject: [] });
    expect((await get('/custody')).json).toEqual([{ id: held, what: 'captured' }]);
    expect((await get('/verify')).json).toMatchObject({ ok: true, problems: [] });
    const tar = await get('/download');
    expect([tar.status, tar.text]).toEqual([200, `a tar of ${held} for the-responder`]);
    expect(Object.fromEntries(tar.headers)).toMatchObject({
      'content-type': 'application/x-tar',
      'content-disposition': `attachment; filename="${held}.tar"`,
      'cache-control': 'no-store',
    });
    const { json } = await own.call('GET', '/api/v1/audit', { token: own.tokens.admin });
    const { entries } = json as { entries: { act: string; object: string }[] };
    expect(entries.map(({ act, object }) => [act, object])).toEqual(
      ['download', 'verify', 'custody', 'manifest', 'show'].map((act) => [`evidence ${act}`, held]),
    );
  });

  test('that is not there, or whose id is none', async () => {
    for (const part of ['', '/manifest', '/custody', '/verify', '/download']) {
      const unknown = await harness.call('GET', `/api/v1/evidence/ev_${'0'.repeat(26)}${part}`, { token });
      expect([unknown.status, unknown.json]).toMatchObject([404, { error: { code: 'unknown_evidence' } }]);
      for (const id of ['..%2f..%2fetc', '__proto__', '%00', 'ev_', 'ev_*']) {
        expect((await harness.call('GET', `/api/v1/evidence/${id}${part}`, { token })).status, id).toBe(400);
      }
    }
  });

  test('whose reader goes away is not read to its end', async () => {
    const stream = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1 << 20);
      })(),
    );
    const closed = new Promise((resolve) => stream.once('close', resolve));
    await using own = await startHarness({
      evidence: { ...harness.deps.evidence, download: async () => ({ name: 'a/../b\r\n"', stream }) },
    });
    openCase(own.store, held);
    const gone = new AbortController();
    const response = await fetch(`${own.url}/api/v1/evidence/${held}/download`, {
      headers: { authorization: `Bearer ${own.tokens.responder}` },
      signal: gone.signal,
    });
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="a_.._b___"');
    await response.body?.getReader().read();
    gone.abort();
    await closed;
  });

  test('takes as long as it takes: a handler’s time limit is not a download’s', async () => {
    let release: (chunk: Buffer | null) => void = () => undefined;
    const stream = new Readable({ read() {} });
    release = (chunk) => void stream.push(chunk);
    const limits = { ...defaultLimits, handlerMs: 50 };
    await using own = await startHarness(
      {
        evidence: { ...harness.deps.evidence, download: async () => ({ name: 'x', stream }) },
        targets: () => new Promise<never>(() => undefined),
      },
      limits,
    );
    openCase(own.store, held);
    release(Buffer.from('begun '));
    const reading = own.call('GET', `/api/v1/evidence/${held}/download`, { token: own.tokens.responder });
    // A handler that never answers is given up: by then the download's own limit would have come, too.
    expect((await own.call('GET', '/api/v1/targets')).status).toBe(503);
    release(Buffer.from('and ended'));
    release(null);
    expect((await reading).text).toBe('begun and ended');
  });
});
