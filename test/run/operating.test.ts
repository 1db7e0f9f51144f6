import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiver } from '../notify/receiver.ts';
import { type Fixture, fixture, recycleDrill } from '../support/containers.ts';
import { type CutSocket, cutSocket } from '../support/cut-socket.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

let box: Fixture;
let home: Pitwall;
let socket: CutSocket;

beforeAll(async () => {
  box = fixture();
  await box.run('a', '--', 'sh', '-c', 'trap "sleep 8; exit 0" TERM; while :; do sleep 1 & wait $!; done');
  socket = await cutSocket();
  home = pitwall({ OPS_KEY: 'the key of this test' });
});
afterAll(async () => {
  await socket[Symbol.asyncDispose]();
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

interface Ready {
  readonly ok: boolean;
  readonly checks: readonly { readonly kind: string; readonly ok: boolean; readonly message: string }[];
}

async function ready(address: string): Promise<{ readonly status: number; readonly bad: readonly string[] }> {
  const answer = await fetch(`${address}/readyz`);
  const { ok, checks } = (await answer.json()) as Ready;
  expect(ok).toBe(answer.status === 200);
  return { status: answer.status, bad: checks.filter((check) => !check.ok).map(({ kind }) => kind) };
}

/** Somebody who looks at the page and never reads what comes. */
async function idleFollower(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const follower = connect(Number(port), hostname);
  follower.on('error', () => undefined);
  follower.write(`GET /live HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: text/event-stream\r\n\r\n`);
  await once(follower, 'readable');
  return follower;
}

test('serve: signed notices of what runs, readiness as it is, and an end within its time although an undo hangs and a page is open', {
  timeout: 120_000,
}, async () => {
  const hook = await receiver();
  home.file('hook', `${hook.url}\n`);
  home.file(
    'pitwall.yaml',
    `api: { port: 0 }
engines: [ { name: cut, host: "${socket.host}", environment: ci } ]
stop: { within: 5s }
notify: [ { name: ops, url: { file: hook }, secret: { env: OPS_KEY }, allowPrivate: true } ]
`,
  );
  home.file('drills/one.yaml', recycleDrill(box));
  home.file(
    'drills/none.yaml',
    'name: none\nkind: reverse-uptime\ntargets: { names: [nothing-of-this-name] }\nparams: { maxUptime: 1s }\n',
  );
  const serve = home.start('serve');
  let log = '';
  serve.child.stdout?.on('data', (chunk: Buffer) => (log += chunk));
  await serve.saw('"serving');
  const address = /"address":"([^"]+)"/.exec(log)?.[1] ?? '';
  const token = readFileSync(join(home.home, 'token'), 'utf8').trim();
  const run = async (name: string) =>
    (
      (await (
        await fetch(`${address}/api/v1/drills/${name}/runs`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
      ).json()) as { id: string }
    ).id;

  expect(await ready(address)).toEqual({ status: 200, bad: [] });
  const id = await run('none');
  await hook.received(1);
  const [got] = hook.got;
  expect(JSON.parse(got?.body ?? '')).toMatchObject({ type: 'inconclusive', subject: 'none', data: { run: id, kind: 'reverse-uptime' } });
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(got?.headers['pitwall-signature'])) ?? [];
  expect(v1).toBe(createHmac('sha256', 'the key of this test').update(`${t}.${got?.body}`).digest('hex'));
  home.file('drills/none.yaml', 'name: none\nkind: nothing\n');
  await serve.saw('none.yaml:2');
  expect(await ready(address)).toEqual({ status: 200, bad: ['catalogue'] });

  const follower = await idleFollower(address);
  const hanging = await run('recycle');
  await socket.saw('/stop');
  await socket.cut();
  expect(await ready(address)).toEqual({ status: 503, bad: ['engine', 'catalogue'] });
  const asked = Date.now();
  serve.child.kill('SIGTERM');
  const ended = await serve.ended;
  expect([ended.exitCode, ended.signal]).toEqual([5, null]);
  // 5 s, and what a busy machine adds; the undo by itself waits for two minutes
  expect(Date.now() - asked).toBeLessThan(60_000);
  expect(log).toMatch(/not put back yet/);
  expect(log).toMatch(/longer than stop\.within/);
  follower.destroy();
  // neither the token nor the address of the hook
  expect(log + ended.stderr).not.toContain(token);
  expect(log + ended.stderr).not.toContain('s3cr3t-path');

  await socket.mend();
  expect((await home.call('recover')).exitCode).toBe(0);
  expect(JSON.parse((await home.call('show', hanging, '--json')).stdout)).toMatchObject({ verdict: 'aborted', residue: [] });
  expect([await box.running(), await box.all()]).toEqual([[box.name('a')], [box.name('a')]]);
  const listed = JSON.parse((await home.call('notify', 'list', '--json')).stdout) as { type: string; deliveries: { state: string }[] }[];
  expect(listed.map(({ type, deliveries }) => [type, deliveries.map(({ state }) => state)])).toEqual([['inconclusive', ['sent']]]);
});

test('notify test: says what came back, and ends with 1 when it was not taken', async () => {
  const [good, bad] = [await receiver(), await receiver((response) => void response.writeHead(404).end('\u001b[31mno such hook'))];
  const config = (allow: string) =>
    home.file(
      'pitwall.yaml',
      `notify:\n  - { name: good, url: "${good.url}"${allow} }\n  - { name: bad, format: slack, url: "${bad.url}", allowPrivate: [127.0.0.0/8] }\n`,
    );
  config(', allowPrivate: true');
  const one = await home.call('notify', 'test', 'good');
  expect([one.exitCode, one.stdout]).toEqual([0, `sent  good (127.0.0.1:${good.port}): answered 200: ok\n`]);
  expect(good.got[0]?.headers['pitwall-notice']).toBe('test');
  expect(JSON.parse(good.got[0]?.body ?? '')).toMatchObject({
    type: 'test',
    subject: 'pitwall notify test',
    message: expect.stringContaining('nothing has failed'),
  });
  const both = await home.call('notify', 'test');
  expect(both.exitCode).toBe(1);
  expect(both.stdout).toContain(`not sent  bad (127.0.0.1:${bad.port}): answered 404: \ufffd[31mno such hook`);
  expect((JSON.parse(bad.got[0]?.body ?? '') as { text: string }).text).toMatch(/^\*Pitwall: test\*/);
  config('');
  const refused = await home.call('notify', 'test', 'good', '--json');
  expect(refused.exitCode).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject([{ hook: 'good', ok: false, status: null, note: expect.stringContaining('loopback') }]);
  expect(both.stdout + refused.stdout).not.toContain('s3cr3t-path');
  expect((await home.call('notify', 'test', 'other')).exitCode).toBe(2);
  home.file('pitwall.yaml', `notify: [ { name: x, url: "https://u:s3cr3t-path@example.org/" } ]\n`);
  const wrong = await home.call('notify', 'test');
  expect([wrong.exitCode, wrong.stderr.includes('s3cr3t-path'), wrong.stderr.includes('pitwall.yaml:1')]).toEqual([2, false, true]);
});
