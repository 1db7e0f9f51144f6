/** Alerts over real HTTP: who may send them, what is decided, and what an attacker makes of it. */
import { connect } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { FreezeRule } from '../../src/config/config.ts';
import type { ContainerSummary } from '../../src/domain/engine/containers.ts';
import type { EngineInfo } from '../../src/domain/engine.ts';
import { RefusedError } from '../../src/domain/errors.ts';
import type { FreezeOrder } from '../../src/domain/evidence.ts';
import type { ServerDeps } from '../../src/server/deps.ts';
import { summary } from '../support/targets.ts';
import { type Answer, type Harness, newRun, openCase, startHarness } from './harness.ts';

const shell = 'Terminal shell in container';
const id = (start: string) => start.padEnd(64, '0');
const containers = [
  summary('web', { id: id('abcdef012345'), labels: { 'pitwall.drills': 'all', tier: 'web' } }),
  summary('db', { id: id('bbbbbbbbbbbb'), labels: { tier: 'db' } }),
  summary('twin-1', { id: id('cccccccccccc1') }),
  summary('twin-2', { id: id('cccccccccccc2') }),
];
const rule: FreezeRule = {
  rule: shell,
  maxPerHour: 3,
  priority: 'notice',
  labels: {},
  disposition: 'quarantine',
  memory: 'full',
  leaseMs: 8 * 3_600_000,
};

interface Bed extends AsyncDisposable {
  readonly harness: Harness;
  readonly orders: { readonly order: FreezeOrder; readonly actor: string; readonly trigger: string }[];
  send(alert: unknown, options?: { readonly path?: string; readonly headers?: Record<string, string> }): Promise<Answer>;
  /** Rows of the audit log with their decision, oldest first. */
  audit(): Promise<{ who: string; act: string; object: string | null; data: Record<string, unknown> }[]>;
}

function parts(change: { readonly rules?: readonly FreezeRule[]; readonly containers?: readonly ContainerSummary[] } = {}) {
  const alerts: ServerDeps['alerts'] = {
    rules: change.rules ?? [rule],
    engines: [
      {
        name: 'local',
        environment: 'local',
        list: async () => [...(change.containers ?? containers)],
        info: async () => ({ id: 'ENGINE' }) as EngineInfo,
      },
    ],
    whyNot: ({ container }) => (container.labels['pitwall.drills'] === 'all' ? null : 'not opted in'),
  };
  return alerts;
}

async function bed(overrides: Partial<ServerDeps> = {}): Promise<Bed> {
  const orders: Bed['orders'] = [];
  let runs = 0;
  const harness: Harness = await startHarness({
    alerts: parts(),
    freezes: {
      start: async (order, who) => {
        orders.push({ order, ...who });
        runs += 1;
        const run = `01J${String(runs).padStart(23, '0')}`;
        harness.store.runs.open({ ...newRun, id: run, drill: null, kind: 'forensic-freeze', ...who });
        return { id: run };
      },
      release: () => Promise.reject(new Error('not here')),
      lease: () => Promise.reject(new Error('not here')),
    },
    ...overrides,
  });
  return {
    harness,
    orders,
    send: (alert, { path = '/webhooks/falco', headers = { authorization: `Bearer ${harness.tokens.responder}` } } = {}) =>
      harness.call('POST', path, { body: typeof alert === 'string' ? alert : JSON.stringify(alert), headers }),
    async audit() {
      const { json } = await harness.call('GET', '/api/v1/audit?limit=200', { token: harness.tokens.admin });
      return (json as { entries: Awaited<ReturnType<Bed['audit']>> }).entries.reverse();
    },
    [Symbol.asyncDispose]: () => harness[Symbol.asyncDispose](),
  };
}

function alert(fields: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) {
  return {
    output: '18:02:01.123456789: Warning Shell',
    priority: 'Warning',
    rule: shell,
    time: '2026-01-01T18:02:01.123456789Z',
    source: 'syscall',
    hostname: 'node1',
    tags: ['container'],
    output_fields: { 'container.id': 'abcdef012345', 'container.name': 'web', 'proc.pid': 4242, ...fields },
    ...rest,
  };
}

describe('a good alert', () => {
  test('freezes, by the rule, and is part of the evidence to the last digit', async () => {
    await using own = await bed();
    const raw = JSON.stringify(alert()).replace('"proc.pid":4242', '"proc.pid":4242,"evt.time":1507591916746609046, "new":null');
    const answer = await own.send(raw);
    expect([answer.status, answer.json]).toEqual([
      202,
      { decision: 'freeze', reason: `rule "${shell}" at priority warning`, container: 'web', run: own.harness.store.runs.list()[0]?.id },
    ]);
    expect(own.orders).toEqual([
      {
        actor: 'the-responder',
        trigger: 'webhook',
        scope: [],
        order: {
          containers: [id('abcdef012345')],
          compose: null,
          label: null,
          engine: 'local',
          reason: `Falco: ${shell} (warning)`,
          disposition: 'quarantine',
          memory: 'full',
          volumes: false,
          leaseMs: 8 * 3_600_000,
          onExpiry: 'notify',
          force: false,
          alert: expect.objectContaining({ kind: 'falco', raw, fields: expect.objectContaining({ 'evt.time': '1507591916746609046' }) }),
        },
      },
    ]);
    expect(await own.audit()).toMatchObject([
      { who: 'the-responder', act: 'falco', object: 'local/web', data: { decision: 'freeze', container: id('abcdef012345') } },
    ]);
  });

  test.each([
    ['another rule', alert({}, { rule: 'Other' }), 'ignored', 'no rule of policy.freeze is for "Other"'],
    ['not urgent', alert({}, { priority: 'DEBUG' }), 'ignored', 'at priority debug'],
    ['the host', alert({ 'container.id': 'host' }), 'ignored', 'a process of the host'],
    ['no container', alert({ 'container.id': null }), 'ignored', 'it names no container'],
    ['nobody has it', alert({ 'container.id': '123456789abc' }), 'ignored', 'no container that runs has the id 123456789abc'],
    ['another name', alert({ 'container.name': 'db' }), 'refused', 'the alert calls it "db", and container abcdef012345 is named web'],
    ['not opted in', alert({ 'container.id': 'bbbbbbbbbbbb', 'container.name': 'db' }), 'refused', 'not opted in'],
    [
      'two with this id',
      alert({ 'container.id': 'cccccccccccc' }),
      'refused',
      'is the beginning of several ids: twin-1 on local, twin-2 on local',
    ],
    ['a glob', alert({ 'container.id': '*' }), 'ignored', '"*" is not the id of a Docker container'],
    ['a path', alert({ 'container.id': '../../etc' }), 'ignored', '"../../etc" is not the id of a Docker container'],
    ['two ids', alert({ 'container.full_id': 'f'.repeat(64) }), 'refused', 'is not the beginning of its container.full_id'],
  ])('is not acted on: %s', async (_name, body, decision, reason) => {
    await using own = await bed();
    const answer = await own.send(body);
    expect([answer.status, answer.json]).toEqual([200, { decision, reason: expect.stringContaining(reason) }]);
    expect(own.orders).toEqual([]);
    expect(await own.audit()).toMatchObject([{ act: 'falco', data: { decision, reason: expect.stringContaining(reason) } }]);
  });

  test('of a container that is held already is a duplicate', async () => {
    await using own = await bed({
      alerts: parts({ containers: [summary('shop-web-1', { id: 'c'.repeat(64), labels: { 'pitwall.drills': 'all' } })] }),
    });
    openCase(own.harness.store, `ev_${'0'.repeat(25)}1`);
    const { json } = await own.send(alert({ 'container.id': 'cccccccccccc', 'container.name': 'shop-web-1' }));
    expect(json).toMatchObject({ decision: 'duplicate', reason: expect.stringContaining(`ev_${'0'.repeat(25)}1`) });
  });

  test('whose freeze cannot begin gets the refusal, and does not count', async () => {
    let attempts = 0;
    const start = async () => {
      attempts += 1;
      throw new RefusedError('locked', 'web is locked by another run');
    };
    const many = Array.from({ length: 4 }, (_, i) =>
      summary(`web-${i}`, { id: id(`abcdef01234${i}`), labels: { 'pitwall.drills': 'all' } }),
    );
    await using own = await bed({
      alerts: parts({ containers: many }),
      freezes: { start, release: () => Promise.reject(new Error()), lease: () => Promise.reject(new Error()) },
    });
    for (const i of [0, 1, 2, 3]) {
      const answer = await own.send(alert({ 'container.id': `abcdef01234${i}`, 'container.name': `web-${i}` }));
      expect([answer.status, answer.json]).toMatchObject([409, { error: { code: 'locked' } }]);
    }
    expect((await own.send(alert({ 'container.id': 'abcdef012340', 'container.name': 'web-0' }))).json).toMatchObject({
      decision: 'duplicate',
    });
    expect(attempts).toBe(4);
    expect((await own.audit()).filter(({ data }) => data.decision === 'failed')).toHaveLength(4);
  });

  test('is answered before a run that is slow to begin, whose failure is then in the log', async () => {
    let fail: (error: Error) => void = () => undefined;
    const start = () => new Promise<never>((_resolve, reject) => (fail = reject));
    await using own = await bed({
      clock: { ...systemClock, sleep: async () => undefined },
      freezes: { start, release: () => Promise.reject(new Error()), lease: () => Promise.reject(new Error()) },
    });
    const answer = await own.send(alert());
    expect([answer.status, answer.json]).toMatchObject([202, { decision: 'freeze', run: null }]);
    fail(new Error('the disk is full'));
    await expect.poll(() => own.harness.log.join('')).toContain('the disk is full');
    expect((await own.audit()).at(-1)).toMatchObject({ data: { decision: 'failed' } });
  });
});

describe('too many', () => {
  test('a storm of 1000 is one freeze, and no storm of rows', async () => {
    await using own = await bed();
    const seen: unknown[] = [];
    for (let sent = 0; sent < 1_000; sent += 100) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          own.send(alert({ 'evt.num': sent + i }, { output: `18:02:01.${sent + i}: Warning Shell ${i}` })),
        ),
      );
      seen.push(...answers.map(({ json }) => (json as { decision: string }).decision));
    }
    expect(seen.filter((decision) => decision === 'freeze')).toHaveLength(1);
    expect(seen.filter((decision) => decision === 'duplicate')).toHaveLength(999);
    expect(own.orders).toHaveLength(1);
    expect((await own.audit()).length).toBeLessThanOrEqual(4);
  });

  test('of a rule in an hour are refused, also by a server that has just started', async () => {
    const many = Array.from({ length: 5 }, (_, i) =>
      summary(`web-${i}`, { id: id(`abcdef01234${i}`), labels: { 'pitwall.drills': 'all' } }),
    );
    await using own = await bed({ alerts: parts({ containers: many }) });
    const numbered = (i: number) => alert({ 'container.id': `abcdef01234${i}`, 'container.name': `web-${i}` });
    for (const i of [0, 1, 2]) expect((await own.send(numbered(i))).status).toBe(202);
    const { json } = await own.send(numbered(3));
    expect(json).toEqual({ decision: 'refused', reason: 'this rule has frozen 3 in the last hour, and may 3' });

    const { deps } = own.harness;
    await using later = await startHarness({ ...deps, config: { host: '127.0.0.1', port: 0 } });
    const token = own.harness.tokens.responder;
    const again = await later.call('POST', '/webhooks/falco', { token, body: numbered(4) });
    expect(again.json).toMatchObject({ decision: 'refused', reason: expect.stringContaining('in the last hour') });
    const duplicate = await later.call('POST', '/webhooks/falco', { token, body: numbered(0) });
    expect(duplicate.json).toMatchObject({ decision: 'duplicate' });
    expect(own.orders).toHaveLength(3);
  });
});

describe('who may send one', () => {
  const basic = (user: string, password: string) => ({ authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` });
  let own: Bed;
  beforeAll(async () => {
    own = await bed({ alerts: parts({ rules: [] }) });
  });
  afterAll(async () => own[Symbol.asyncDispose]());

  test('a responder or an admin, in each of the ways', async () => {
    for (const role of ['responder', 'admin'] as const) {
      const token = own.harness.tokens[role];
      const ways: { path?: string; headers: Record<string, string> }[] = [
        { headers: { authorization: `Bearer ${token}` } },
        { headers: basic('falco', token) },
        { headers: basic(token, '') },
        { path: `/webhooks/falco/${token}`, headers: {} },
        { path: `/webhooks/falco/${token}/`, headers: {} },
        { path: `/webhooks/falco/${token}?from=falco`, headers: {} },
      ];
      for (const way of ways) expect((await own.send(alert(), way)).status, JSON.stringify(way)).toBe(200);
    }
    expect((await own.audit()).filter(({ act }) => act === 'falco').map(({ who }) => who)).toContain('the-responder');
  });

  test('none of a smaller role, and nobody without a token, also not from loopback', async () => {
    for (const role of ['viewer', 'operator'] as const) {
      const token = own.harness.tokens[role];
      for (const way of [
        { headers: basic('falco', token) },
        { path: `/webhooks/falco/${token}`, headers: {} },
        { headers: { authorization: `Bearer ${token}` } },
      ]) {
        expect((await own.send(alert(), way)).status).toBe(403);
      }
    }
    expect((await own.send(alert(), { headers: {} })).status).toBe(401);
    expect((await own.send(alert(), { path: '/webhooks/falco/', headers: {} })).status).toBe(401);
  });

  test('nobody with two tokens, and no token of the path elsewhere', async () => {
    const { responder, admin } = own.harness.tokens;
    expect((await own.send(alert(), { path: `/webhooks/falco/${responder}`, headers: { authorization: `Bearer ${admin}` } })).status).toBe(
      401,
    );
    expect((await own.harness.call('GET', '/api/v1/evidence', { headers: basic('x', responder) })).status).toBe(401);
  });

  test.each(['wrong', '..%2f..', '%00', '__proto__', 'x'.repeat(1_000), `pw_${'A'.repeat(43)}`, '*', "' OR 1=1 --"])(
    'not %s',
    async (token) => {
      await using fresh = await bed();
      expect((await fresh.send(alert(), { path: `/webhooks/falco/${encodeURI(token)}`, headers: {} })).status).toBe(401);
      expect((await fresh.send(alert(), { headers: basic('falco', token) })).status).toBe(401);
      expect(fresh.orders).toEqual([]);
    },
  );

  test('guessing paths is slow', async () => {
    await using fresh = await bed();
    const statuses: number[] = [];
    for (let i = 0; i < 25; i++) statuses.push((await fresh.send(alert(), { path: `/webhooks/falco/guess-${i}`, headers: {} })).status);
    expect(statuses).toEqual([...Array(20).fill(401), ...Array(5).fill(429)]);
    expect(fresh.orders).toEqual([]);
    // whoever has the token is heard all the same
    expect((await fresh.send(alert())).status).toBe(202);
  });
});

describe('the token of the path', () => {
  test('is in no line of the log, no metric, no row of the audit log and no answer, whatever is asked with it', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    let broken = false;
    await using own = await bed({
      log,
      alerts: {
        ...parts(),
        whyNot: () => {
          if (broken) throw new Error('a defect');
          return null;
        },
      },
    });
    const token = own.harness.tokens.responder;
    const answers: Answer[] = [];
    const paths = [
      `/webhooks/falco/${token}`,
      `/webhooks/falco/${token}/`,
      `/webhooks/falco/${token}/x`,
      `/webhooks/falco/${token}?x=1`,
      `/webhooks/falco//${token}`,
      `/webhooks//falco/${token}`,
      `/webhooks/falco%2f${token}`,
      `/%77ebhooks/falco/${token}`,
      `/WEBHOOKS/FALCO/${token}`,
      `/webhook/falco/${token}`,
      `/webhooks/${token}`,
      `/falco/${token}`,
      `/${token}`,
      `/api/v1/webhooks/falco/${token}`,
      `/webhooks/falco/${token}%`,
      `/webhooks/falco/${token}%ff`,
      `/webhooks/falco/${token.repeat(8)}`,
      `/api/v1/evidence/${token}`,
    ];
    for (const path of paths) {
      for (const method of ['POST', 'GET', 'PUT', 'OPTIONS', 'HEAD']) {
        answers.push(await own.harness.call(method, path, ['GET', 'HEAD'].includes(method) ? {} : { body: alert() }));
      }
    }
    answers.push(await own.send('{', { path: paths[0] as string, headers: {} }));
    answers.push(await own.send('x'.repeat(300_000), { path: paths[0] as string, headers: {} }));
    broken = true;
    const fresh = alert({ 'container.id': 'bbbbbbbbbbbb', 'container.name': 'db' });
    answers.push(await own.send(fresh, { path: paths[0] as string, headers: {} }));
    expect(answers.at(-1)?.status).toBe(500);
    await hangUp(own.harness, `/webhooks/falco/${token}`);
    const metrics = await own.harness.call('GET', '/metrics');
    expect(metrics.text).toContain('route="/webhooks/falco"');
    const audit = await own.harness.call('GET', '/api/v1/audit?limit=200', { token: own.harness.tokens.admin });
    expect(lines.join('')).toContain('a defect');

    for (const [place, text] of [
      ['log', lines.join('')],
      ['metrics', metrics.text],
      ['audit', audit.text],
      ['answers', answers.map((answer) => answer.text + JSON.stringify([...answer.headers])).join('')],
    ] as const) {
      // Its beginning alone would be too much.
      expect(text.includes(token.slice(3, 20)), place).toBe(false);
    }
    // The server looked at it: that was a token, and this was its webhook.
    expect(own.orders).toHaveLength(1);
  });
});

/** Sends half a request, and is gone. */
async function hangUp(harness: Harness, path: string): Promise<void> {
  const { port, host } = new URL(harness.url);
  const socket = connect(Number(port), '127.0.0.1');
  await new Promise<void>((resolve) => {
    const head = [`POST ${path} HTTP/1.1`, `Host: ${host}`, 'Content-Type: application/json', 'Content-Length: 100'];
    socket.write(`${head.join('\r\n')}\r\n\r\n{"rule":`, () => {
      socket.destroy();
      resolve();
    });
  });
}

describe('bodies', () => {
  const deep = `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`;
  test.each([
    ['not JSON', '{', 400, 'bad_alert'],
    ['empty', '', 400, 'bad_alert'],
    ['a list', '[]', 400, 'bad_alert'],
    ['without a rule', '{}', 400, 'bad_alert'],
    ['deeply nested', deep, 400, 'bad_alert'],
    ['deeply nested lists', '['.repeat(200_000), 400, 'bad_alert'],
    ['a key twice', '{"rule":"a","rule":"b","priority":"debug"}', 400, 'bad_alert'],
    ['half a surrogate', '{"rule":"\\ud800","priority":"debug"}', 200, null],
    ['poisoned', '{"rule":"a","priority":"debug","__proto__":{"rule":"b"},"constructor":{"prototype":{"x":1}}}', 200, null],
    ['of many keys', JSON.stringify(alert(Object.fromEntries(Array.from({ length: 8_000 }, (_, i) => [`key.${i}`, i])))), 202, null],
    ['just not too big', JSON.stringify(alert({ 'proc.cmdline': 'x'.repeat(255_000) })), 202, null],
    ['too big', JSON.stringify(alert({ 'proc.cmdline': 'x'.repeat(262_144) })), 413, 'body_too_large'],
  ])('%s', async (_name, body, status, code) => {
    await using own = await bed();
    const answer = await own.send(body);
    expect(answer.status, answer.text).toBe(status);
    if (code !== null) expect(answer.json).toMatchObject({ error: { code } });
    expect(own.orders).toHaveLength(status === 202 ? 1 : 0);
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test('that are not UTF-8, or not JSON by their own word', async () => {
    await using own = await bed();
    const headers = { authorization: `Bearer ${own.harness.tokens.responder}`, 'content-type': 'application/json' };
    const bytes = Buffer.concat([Buffer.from('{"rule":"'), Buffer.from([0xff, 0xfe]), Buffer.from('","priority":"debug"}')]);
    const response = await fetch(`${own.harness.url}/webhooks/falco`, { method: 'POST', headers, body: bytes });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'bad_alert', message: 'the alert is not UTF-8' } },
    ]);
    expect((await own.send(alert(), { headers: { ...headers, 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await own.send(alert(), { headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } })).status).toBe(202);
  });

  test('are not read before it is known who sends them', async () => {
    await using own = await bed();
    expect((await own.send('x'.repeat(300_000), { headers: {} })).status).toBe(401);
  });
});
