import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Post, post } from '../../src/notify/post.ts';
import { receiver } from './receiver.ts';

const send = (url: string, change: Partial<Post> = {}) =>
  post({
    url,
    body: '{}',
    headers: {},
    allow: { private: true, ranges: [] },
    now: Date.now(),
    signal: new AbortController().signal,
    ...change,
  });

test('an internal address is not asked, however it is written; nobody is connected to', async () => {
  const to = await receiver();
  const none = { allow: { private: false, ranges: [] } };
  for (const host of [
    'localhost',
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '0.0.0.0',
    '[::]',
    '[::1]',
  ]) {
    const answer = await send(`http://${host}:${to.port}/x`, none);
    expect([host, answer]).toMatchObject([host, { ok: false, retry: false, status: null }]);
    expect(answer.note).toMatch(/leads to .*(loopback|reserved)/);
  }
  expect(to.got).toEqual([]);
  const metadata = await send('http://169.254.169.254/latest/meta-data/');
  expect(metadata).toMatchObject({ ok: false, retry: false, note: expect.stringMatching(/link-local/) });
  expect(await send('http://8.8.8.8/x')).toMatchObject({ ok: false, retry: false, note: expect.stringMatching(/plain http/) });
});

test('the owner’s ranges hold for every address that a name leads to', async () => {
  const to = await receiver();
  const only = { allow: { private: false, ranges: ['127.0.0.0/8', '::1/128'] } };
  expect(await send(`http://localhost:${to.port}/x`, only)).toMatchObject({ ok: true, status: 200, note: 'answered 200', said: 'ok' });
  expect(to.got[0]?.headers.host).toBe(`localhost:${to.port}`);
  expect((await send(to.url, { allow: { private: false, ranges: ['10.0.0.0/8'] } })).ok).toBe(false);
});

test('what is not a webhook’s address: refused, and its path told nobody', async () => {
  for (const url of ['ftp://example.org/s3cr3t', 'nonsense s3cr3t', 'https://u:s3cr3t@example.org/', 'file:///s3cr3t', 'unix:///s3cr3t']) {
    const answer = await send(url);
    expect(answer).toMatchObject({ ok: false, retry: false });
    expect(JSON.stringify(answer)).not.toContain('s3cr3t');
  }
  const lost = await send('https://s3cr3t.invalid/s3cr3t-path');
  expect(lost).toMatchObject({ ok: false, retry: true });
  expect(lost.note).not.toContain('s3cr3t-path');
});

test('a redirect is not followed', async () => {
  const other = await receiver();
  const to = await receiver((response) => void response.writeHead(307, { location: other.url }).end());
  expect(await send(to.url)).toMatchObject({ ok: false, retry: false, status: 307, note: expect.stringMatching(/moved/) });
  expect(other.got).toEqual([]);
});

test('an answer without end: no more than its beginning is read', async () => {
  let written = 0;
  const to = await receiver((response) => {
    const chunk = 'x'.repeat(64 * 1024);
    const more = () => {
      if (response.destroyed || written > 1 << 30) return;
      written += chunk.length;
      response.write(chunk, () => setImmediate(more));
    };
    more();
  });
  const answer = await send(to.url);
  expect([answer.ok, answer.said.length]).toEqual([true, 4_096]);
  expect(written).toBeLessThan(64 << 20);
});

test('no answer, half an answer, no TLS: tried again, each within its time', async () => {
  const silent = createServer((socket) => void socket.on('error', () => undefined));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  expect(await send(`http://127.0.0.1:${port}/`, { timeoutMs: 200 })).toMatchObject({
    ok: false,
    retry: true,
    note: 'no answer within 0.2 s',
  });
  const to = await receiver((response) => void response.writeHead(200, { 'content-length': '10' }).write('half'));
  expect(await send(to.url, { timeoutMs: 3_000 })).toMatchObject({ ok: true, status: 200, said: 'half' });
  const plain = await receiver();
  expect(await send(plain.url.replace('http:', 'https:'))).toMatchObject({
    ok: false,
    retry: true,
    note: expect.stringMatching(/could not be reached/),
  });
  const stop = new AbortController();
  const asked = send(`http://127.0.0.1:${port}/`, { signal: stop.signal });
  stop.abort();
  expect(await asked).toMatchObject({ ok: false, retry: true, note: expect.stringMatching(/stopping/) });
});
