import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Check, openCheck } from '../../src/checks/check.ts';
import type { CheckResult } from '../../src/checks/contract.ts';
import type { HelperImage } from '../../src/container/helper-image.ts';
import type { CheckSpec } from '../../src/domain/drill.ts';
import { type Lab, openLab } from '../helper/lab.ts';
import { checkScope, never, realClock } from './scope.ts';

let lab: Lab;
let image: HelperImage;
let network: string;
let db: string;
const open: Check[] = [];
let count = 0;

beforeAll(async () => {
  lab = await openLab('from');
  image = await lab.image({ build: await lab.build() });
  network = await lab.network('net');
  db = await replica('db');
  await listen();
});
afterAll(() => lab.close());

let api: string;
beforeEach(async () => {
  api = await replica('api');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((check) => check.close()));
  expect(await lab.ours()).toEqual([]);
  for (const { id } of await lab.engine.list({ all: true, labels: [`com.docker.compose.project=${lab.mark}`] })) {
    if (id !== db) await lab.engine.remove(id, { force: true });
  }
});

function replica(service: string): Promise<string> {
  return lab.run(`${service}-${count++}`, {
    Labels: { 'com.docker.compose.project': lab.mark, 'com.docker.compose.service': service },
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: [service] } } },
  });
}

/** A web server on port 8000 of the database, as good as any. */
const listen = () => lab.shell(db, 'mkdir -p /tmp/www; echo hello >/tmp/www/index.html; httpd -p 8000 -h /tmp/www');
const deaf = () => lab.shell(db, 'killall httpd');

const base = { name: 'c', everyMs: 250, timeoutMs: 5_000, minAvailability: null };
const from = { service: 'api' };

function check(spec: CheckSpec): Check {
  const scope = checkScope({ engine: lab.engine, project: lab.mark, instance: lab.instance, helper: async () => image });
  const opened = openCheck(spec, scope);
  open.push(opened);
  return opened;
}

const tcp = (timeoutMs = base.timeoutMs) => check({ ...base, timeoutMs, type: 'tcp', address: 'db:8000', from });

/** Asks at a steady pace, whether the last answer has come or not, until `enough`. */
async function sampled(asked: Check, enough: (soFar: readonly CheckResult[]) => boolean): Promise<CheckResult[]> {
  const samples: Promise<CheckResult>[] = [];
  const done: CheckResult[] = [];
  for (let i = 0; i < 600 && !enough(done); i++) {
    const sample = asked.ask(never);
    samples.push(sample);
    sample.then(
      (result) => done.push(result),
      () => undefined,
    );
    await realClock.sleep(100);
  }
  return Promise.all(samples);
}

const recovered = (samples: readonly CheckResult[]) => samples.some(({ ok }) => !ok) && samples.slice(-3).every(({ ok }) => ok);

describe('a check from a service', () => {
  test('is asked from the network of a replica, with its name service, by one helper', async () => {
    const asked = tcp();
    const begun = performance.now();
    const first = await asked.ask(never);
    expect(first).toMatchObject({ ok: true, error: null });
    // The request's own time, not that of starting a helper or of the way to it.
    expect(performance.now() - begun - first.latencyMs).toBeGreaterThan(80);
    const more = await sampled(asked, (soFar) => soFar.length > 10);
    expect(more.every(({ ok }) => ok)).toBe(true);
    const helpers = await lab.ours();
    expect(helpers).toHaveLength(1);
    expect((await lab.engine.inspect(helpers[0]?.id ?? '')).HostConfig.NetworkMode).toBe(`container:${api}`);
    const here = check({ ...base, type: 'tcp', address: 'db:8000', from: null });
    expect((await here.ask(never)).ok).toBe(false);
  });

  test('http, a status that is not expected, a port where nobody listens, a name that does not resolve', async () => {
    const http = (url: string, status = 200) => check({ ...base, timeoutMs: 5_000, type: 'http', url, status, from }).ask(never);
    expect(await http('http://db:8000/')).toMatchObject({ ok: true });
    expect(await http('http://db:8000/nothing')).toMatchObject({ ok: false, error: 'status 404, expected 200' });
    expect(await http('http://db:8001/')).toMatchObject({ ok: false, error: 'connection refused' });
    expect((await http('http://user:hunter2@no-such-name:8000/')).error).toMatch(/^name does not resolve/);
  });

  test('what is asked may fail and come back while the vantage point holds', async () => {
    const asked = tcp();
    expect((await asked.ask(never)).ok).toBe(true);
    await deaf();
    expect(await asked.ask(never)).toMatchObject({ ok: false, error: 'connection refused' });
    const before = await lab.ours();
    await listen();
    expect((await asked.ask(never)).ok).toBe(true);
    expect((await lab.ours()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  test('the only replica is recreated: the gap fails, then the new one is asked from', async () => {
    const asked = tcp();
    expect((await asked.ask(never)).ok).toBe(true);
    let failed = 0;
    const replaced = (async () => {
      await lab.engine.stop(api, { graceSeconds: 1 });
      while (failed < 5) await realClock.sleep(20);
      await lab.engine.remove(api);
      return replica('api');
    })();
    const samples = await sampled(asked, (soFar) => {
      failed = soFar.filter(({ ok }) => !ok).length;
      return recovered(soFar);
    });
    const fresh = await replaced;
    const gap = samples.filter(({ ok }) => !ok);
    expect(gap.length).toBeGreaterThanOrEqual(5);
    expect(gap.map(({ error }) => error)).toContain('no replica of api is running');
    expect(samples.at(-1)?.ok).toBe(true);
    const helpers = await lab.ours();
    expect(helpers).toHaveLength(1);
    expect((await lab.engine.inspect(helpers[0]?.id ?? '')).HostConfig.NetworkMode).toBe(`container:${fresh}`);
  });

  test('a restart in place is a new network too', async () => {
    const asked = tcp();
    await asked.ask(never);
    const restarted = lab.engine.restart(api, { graceSeconds: 1 });
    const samples = await sampled(asked, recovered);
    await restarted;
    expect(samples.some(({ ok }) => !ok)).toBe(true);
    expect(samples.at(-1)?.ok).toBe(true);
  });

  test('with a second replica nearly nothing is missed when the first goes', async () => {
    await replica('api');
    const asked = tcp();
    await asked.ask(never);
    await expect.poll(async () => (await asked.ask(never)) && (await lab.ours()).length).toBe(2);
    await realClock.sleep(1_000);
    const beside = await Promise.all((await lab.ours()).map(({ id }) => lab.engine.inspect(id)));
    const oldest = beside.sort((a, b) => (a.Created < b.Created ? -1 : 1))[0];
    const first = oldest?.HostConfig.NetworkMode.replace('container:', '') ?? '';
    const removed = realClock.sleep(300).then(() => lab.engine.remove(first, { force: true }));
    const samples = await sampled(asked, (soFar) => soFar.length >= 20);
    await removed;
    expect(samples.filter(({ ok }) => !ok).length).toBeLessThanOrEqual(1);
    await expect.poll(async () => (await lab.ours()).length, { timeout: 30_000 }).toBe(1);
  });

  test('a helper that is killed is replaced', async () => {
    const asked = tcp();
    await asked.ask(never);
    const [helper] = await lab.ours();
    await lab.engine.kill(helper?.id ?? '', 'KILL');
    const samples = await sampled(asked, recovered);
    expect(samples.at(-1)?.ok).toBe(true);
    const now = await lab.ours();
    expect(now.map(({ id }) => id)).not.toContain(helper?.id);
  });

  test('a helper that hangs is replaced, and its samples fail in time', async () => {
    const asked = tcp(1_000);
    await asked.ask(never);
    const [helper] = await lab.ours();
    await lab.engine.pause(helper?.id ?? '');
    const begun = performance.now();
    expect((await asked.ask(never)).ok).toBe(false);
    // a helper that hangs would never answer
    expect(performance.now() - begun).toBeLessThan(30_000);
    await expect.poll(() => asked.ask(never)).toMatchObject({ ok: true });
  });

  test('no replica, no project and no image are failures with their reason; the run ending is none', async () => {
    expect(await check({ ...base, type: 'tcp', address: 'db:8000', from: { service: 'gone' } }).ask(never)).toMatchObject({
      ok: false,
      error: 'no replica of gone is running',
    });
    const scope = checkScope({ engine: lab.engine, project: lab.mark, instance: lab.instance });
    const spec: CheckSpec = { ...base, type: 'tcp', address: 'db:8000', from };
    expect((await openCheck(spec, { ...scope, helper: async () => ({ reference: 'pitwall-helper:gone' }) }).ask(never)).error).toBe(
      'the helper could not be started (image_gone)',
    );
    expect((await openCheck(spec, { ...scope, project: null }).ask(never)).error).toMatch(
      /^no replica: the targets have no Compose project/,
    );
    await expect(tcp().ask(AbortSignal.abort(new Error('halted')))).rejects.toThrow('halted');
  });

  test('closed while its first helper starts, it leaves nothing', async () => {
    const asked = tcp();
    const sample = asked.ask(never);
    await realClock.sleep(30);
    await asked.close();
    await sample;
    expect(await lab.ours()).toEqual([]);
  });
});
