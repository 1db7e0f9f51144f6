import { monotonicFactory } from 'ulid';
import { expect, test } from 'vitest';
import { noticesByDefault } from '../../src/domain/notice.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Hook } from '../../src/notify/hook.ts';
import { type NotifierOptions, startNotifier } from '../../src/notify/notifier.ts';
import type { RunEnd } from '../../src/store/runs.ts';
import { newRun, type TestStore, tempStore } from '../store/support.ts';
import { receiver } from './receiver.ts';

function hook(url: string, change: Partial<Hook> = {}): Hook {
  return {
    name: 'ops',
    url: () => new Secret(url),
    secret: null,
    format: 'json',
    on: noticesByDefault,
    allow: { private: true, ranges: [] },
    ...change,
  };
}

interface Line {
  readonly level: string;
  readonly data: object;
  readonly message: string;
}

function notifier(test: TestStore, hooks: readonly Hook[], change: Partial<NotifierOptions> = {}) {
  const log: Line[] = [];
  let waiting: (() => void)[] = [];
  const line = (level: string) => (data: object, message: string) => {
    log.push({ level, data, message });
    for (const wake of waiting.splice(0)) wake();
  };
  const started = startNotifier({
    store: test.store,
    clock: test.clock,
    hooks,
    expiring: () => [],
    random: () => 1,
    version: '0.1.0',
    log: { info: line('info'), warn: line('warn'), error: line('error') },
    ...change,
  });
  return {
    log,
    async said(text: string, times = 1, stepMs = 1_000) {
      while (log.filter(({ message }) => message.includes(text)).length < times) {
        const more = new Promise<void>((resolve) => waiting.push(resolve));
        // its loops sleep on this clock
        test.clock.advance(stepMs);
        await Promise.race([more, new Promise((resolve) => setTimeout(resolve, 20))]);
      }
    },
    async looked() {
      for (let i = 0; i < 3; i++) {
        test.clock.advance(1_000);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    [Symbol.asyncDispose]: () => {
      waiting = [];
      return started.stop();
    },
  };
}

const newId = monotonicFactory();
function ended(test: TestStore, end: Partial<RunEnd> = {}): string {
  const id = newId(test.clock.now());
  test.store.runs.open(newRun({ processId: test.processId, id }));
  test.store.runs.end(id, { verdict: 'failed', reason: 'an objective was missed', exitCode: 1, residue: [], ...end });
  return id;
}

test('what a run came to is told once, to whoever wants it, and never what went well', async () => {
  const store = tempStore();
  const [all, some] = [await receiver(), await receiver()];
  await using told = notifier(store, [hook(all.url), hook(some.url, { name: 'residue', on: ['residue', 'aborted'] })]);
  await told.looked();
  ended(store, { verdict: 'passed', exitCode: 0 });
  ended(store, { verdict: 'refused', exitCode: 4 });
  const failed = ended(store);
  const left = ended(store, { verdict: 'inconclusive', exitCode: 5, residue: ['web-1: the network was not put back'] });
  await Promise.all([told.said('notice sent', 3), all.received(2), some.received(1)]);
  await told.looked();
  const bodies = all.got.map(({ body }) => JSON.parse(body) as { id: string; type: string; message: string; data: { run: string } });
  expect(bodies.map(({ type, data }) => [type, data.run]).sort()).toEqual([
    ['failed', failed],
    ['residue', left],
  ]);
  expect(bodies.find(({ type }) => type === 'residue')?.message).toContain('left behind: web-1: the network was not put back');
  expect(some.got.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['residue']);
  expect(all.got[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'user-agent': 'pitwall/0.1.0' });
  expect(all.got[0]?.headers['idempotency-key']).toBe(`${store.store.instanceId}-1`);
  expect(all.got[0]?.headers['pitwall-signature']).toBeUndefined();
});

test('what ended while no serve ran is told by the next one, what was told before is not, and the first begins with now', async () => {
  const store = tempStore();
  const to = await receiver();
  ended(store);
  {
    await using first = notifier(store, [hook(to.url)]);
    await first.looked();
    const long = ended(store);
    await first.said('notice sent');
    expect(to.got.map(({ body }) => (JSON.parse(body) as { data: { run: string } }).data.run)).toEqual([long]);
  }
  const between = ended(store);
  store.clock.advance(3 * 3_600_000);
  await using second = notifier(store, [hook(to.url)]);
  await second.said('notice sent');
  await second.looked();
  expect(to.got.length).toBe(2);
  expect(to.got[1]?.body).toContain(between);
});

test('a server that fails is asked again later, with the same id, and as late as it asks for; one that says no is not', async () => {
  const store = tempStore();
  const to = await receiver((response, _got, n) => {
    if (n === 1) response.writeHead(500).end();
    else if (n === 2) response.writeHead(429, { 'retry-after': '600' }).end();
    else response.end();
  });
  const no = await receiver((response) => void response.writeHead(403).end('who are you'));
  await using told = notifier(store, [hook(to.url), hook(no.url, { name: 'no' })]);
  await told.looked();
  const at = store.clock.now();
  ended(store);
  await told.said('notice sent', 1, 15_000);
  expect(store.clock.now() - at).toBeGreaterThanOrEqual(600_000);
  expect(new Set(to.got.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(no.got.length).toBe(1);
  const [notice] = store.store.notices.list();
  expect(notice?.deliveries).toMatchObject([
    { hook: 'no', state: 'failed', attempts: 1, note: 'answered 403' },
    { hook: 'ops', state: 'sent', attempts: 3, note: 'answered 200' },
  ]);
  expect(store.store.notices.counts()).toEqual([
    { hook: 'no', state: 'failed', n: 1 },
    { hook: 'ops', state: 'sent', n: 1 },
  ]);
  // neither the log nor the database has the address's path
  expect(JSON.stringify(told.log) + JSON.stringify(notice)).not.toContain('s3cr3t');
});

test('one that never answers holds up no other; stopping does not wait for it, and the next serve sends what waits', async () => {
  const store = tempStore();
  const hangs = await receiver(() => undefined);
  const good = await receiver();
  {
    await using told = notifier(store, [hook(hangs.url, { name: 'hangs' }), hook(good.url)]);
    await told.looked();
    ended(store);
    await Promise.all([told.said('notice sent'), hangs.received(1)]);
    expect(good.got.length).toBe(1);
  }
  await using next = notifier(store, [hook(good.url, { name: 'hangs' })]);
  await next.said('notice sent');
  expect(good.got.length).toBe(2);
  expect(good.got[1]?.headers['idempotency-key']).toBe(hangs.got[0]?.headers['idempotency-key']);
});

test('what waits for a hook that is gone is given up', async () => {
  const store = tempStore();
  store.store.notices.add({ key: 'k', type: 'failed', at: 1, subject: null, message: 'm', data: {} }, ['gone']);
  await using told = notifier(store, []);
  await told.said('given up');
  expect(store.store.notices.list()[0]?.deliveries[0]).toMatchObject({ state: 'failed', note: expect.stringContaining('no such hook') });
});

test('a lease: soon, over, and a container that was thawed by somebody', async () => {
  const store = tempStore();
  const to = await receiver();
  const { store: db, clock } = store;
  const container = { id: 'c'.repeat(64), name: 'shop-web-1', service: 'web', image: 'i', imageId: 'sha256:0', labels: {} };
  const asked = { reason: 'x', actor: 'ana', trigger: 'api', disposition: 'keep', memory: 'proc', requestedAt: clock.now() } as const;
  const open = (id: string, name: string) => {
    db.evidence.open({ id, runId: id.slice(3), engine: 'local', engineId: 'E', container: { ...container, id: name, name }, ...asked });
    const lease = { foreign: false, deadline: clock.now() + 4 * 3_600_000, onExpiry: 'notify' } as const;
    db.holds.open({ evidenceId: id, engine: 'local', engineId: 'E', containerId: name, containerName: name, ...lease });
  };
  open('ev_1', 'web-1');
  open('ev_2', 'web-2');
  await using told = notifier(store, [hook(to.url)]);
  await told.looked();
  expect(to.got).toEqual([]);
  db.holds.release('ev_2', 'seal broken: thawed by somebody');
  await told.said('notice sent', 1);
  clock.advance(3.6 * 3_600_000);
  await told.said('notice sent', 2);
  clock.advance(0.5 * 3_600_000);
  await told.said('notice sent', 3);
  await told.looked();
  expect(
    to.got.map(({ body }) => JSON.parse(body) as { type: string; subject: string }).map(({ type, subject }) => [type, subject]),
  ).toEqual([
    ['hold-lost', 'web-2'],
    ['lease-expiring', 'web-1'],
    ['lease-over', 'web-1'],
  ]);
});

test('proof that expires is told once for a drill, and again when it was renewed and expires again', async () => {
  const store = tempStore();
  const to = await receiver();
  let expiresAt = store.clock.now() + 86_400_000;
  const expiring = () => [{ drill: 'recycle-shop', kind: 'reverse-uptime', engine: null, items: 3, expiresAt }];
  await using told = notifier(store, [hook(to.url)], { expiring });
  await told.said('notice sent');
  store.clock.advance(4_000_000);
  await told.looked();
  expect(to.got.length).toBe(1);
  expiresAt += 30 * 86_400_000;
  store.clock.advance(4_000_000);
  await told.said('notice sent', 2);
  expect(JSON.parse(to.got[0]?.body ?? '')).toMatchObject({ type: 'proof-expiring', subject: 'recycle-shop', data: { items: 3 } });
});

test('hostile words arrive inert, and secrets in them do not arrive', async () => {
  const store = tempStore();
  const to = await receiver();
  await using told = notifier(store, [hook(to.url, { format: 'slack' })]);
  await told.looked();
  ended(store, { reason: '\u001b[31m<!channel>\u202e @here\nPitwall: all is well, password=hunter22' });
  await told.said('notice sent');
  const { text } = JSON.parse(to.got[0]?.body ?? '') as { text: string };
  expect(text).not.toMatch(/<!|\p{Bidi_Control}|@here|hunter22/u);
  expect(text).not.toContain('\u001b');
  expect(text.split('\n').length).toBe(2);
  expect(store.store.notices.list()[0]?.message).not.toMatch(/hunter22|\n/);
});

test('a database that cannot be written for a moment loses nothing', async () => {
  const store = tempStore();
  const to = await receiver();
  let broken = true;
  const flaky = {
    ...store.store,
    atOnce: <T>(work: () => T) => {
      if (!broken) return store.store.atOnce(work);
      throw new Error('full');
    },
  };
  store.store.notices.setBookmark(JSON.stringify({ askedAt: store.clock.now(), told: [], unended: [] }));
  await using told = notifier(store, [hook(to.url)], { store: flaky });
  ended(store);
  await told.said('full', 2);
  broken = false;
  await told.said('notice sent');
  expect(to.got.length).toBe(1);
});

test('what is older than a day when it is first sent is tried for a day like any other', async () => {
  const store = tempStore();
  const there = await receiver((response) => void response.writeHead(503).end());
  store.store.notices.add(
    { key: 'old', type: 'failed', at: store.clock.now() - 3 * 86_400_000, subject: null, message: 'a run failed', data: {} },
    ['ops'],
  );
  await using told = notifier(store, [hook(there.url)]);
  await told.said('notice not sent yet', 2);
  expect(told.log.filter(({ message }) => message.includes('given up'))).toEqual([]);
  await told.said('given up', 1, 600_000);
  const [kept] = store.store.notices.list();
  expect(kept?.deliveries).toMatchObject([{ state: 'failed', note: 'answered 503' }]);
  // a day's worth of tries, at most an hour apart
  expect(kept?.deliveries[0]?.attempts).toBeGreaterThan(20);
});
