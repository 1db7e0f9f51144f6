/** What nobody well-meaning sends. Each gets its status, the one error form, the security headers, and no word of the inside. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { securityHeaders } from '../../src/server/security-headers.ts';
import { type Answer, type Harness, startHarness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({}, { requestMs: 2_000 });
});
afterAll(async () => harness[Symbol.asyncDispose]());

function expectError(answer: Pick<Answer, 'status' | 'text' | 'headers'>, status: number, code?: string): void {
  const error = JSON.parse(answer.text) as { error: Record<string, unknown> };
  expect([answer.status, error], answer.text).toEqual([
    status,
    {
      error: { code: code ?? expect.any(String), message: expect.any(String), hint: error.error.hint === null ? null : expect.any(String) },
    },
  ]);
  expect(answer.text).not.toMatch(/node_modules|\.ts:|\.js:|\bat .*\(|SQLITE|FST_/);
  for (const [name, value] of Object.entries(securityHeaders)) expect(answer.headers.get(name), name).toBe(value);
}

/** Sends bytes as they are: fetch mends much of what is wrong. Resolves when the server ends the connection. */
async function raw(lines: readonly string[], rest: { readonly after?: (write: (text: string) => void) => void } = {}): Promise<Answer> {
  const { port } = new URL(harness.url);
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.on('error', () => undefined);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  rest.after?.((text) => void (socket.writable && socket.write(text)));
  await new Promise((resolve) => socket.once('close', resolve));
  const [head = '', ...body] = answer.split('\r\n\r\n');
  const [first = '', ...fields] = head.split('\r\n');
  const headers = new Headers(
    fields.map((field): [string, string] => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 2)]),
  );
  return { status: Number(first.split(' ')[1]), headers, text: body.join('\r\n\r\n'), json: null };
}

const host = () => new URL(harness.url).host;
const get = (path: string, ...headers: string[]) => raw([`GET ${path} HTTP/1.1`, `Host: ${host()}`, 'Connection: close', ...headers]);

describe('Host and Origin', () => {
  test.each(['evil.example', 'evil.example:7500', 'localhost', 'localhost:1', '', 'localhost.evil.example'])('Host: %s', async (name) => {
    expectError(await raw(['GET /api/v1/drills HTTP/1.1', `Host: ${name}`, 'Connection: close']), 403, 'foreign_host');
    expectError(await raw(['GET /healthz HTTP/1.1', `Host: ${name}`, 'Connection: close']), 403, 'foreign_host');
    expectError(await raw(['GET /nowhere HTTP/1.1', `Host: ${name}`, 'Connection: close']), 403, 'foreign_host');
  });

  test('a second Host, or none', async () => {
    expectError(await get('/api/v1/drills', 'Host: evil.example'), 403, 'foreign_host');
    expectError(await raw(['GET /api/v1/drills HTTP/1.0']), 403, 'foreign_host');
    expectError(await raw(['GET /api/v1/drills HTTP/1.1', 'Connection: close']), 403, 'foreign_host');
  });

  test.each(['http://evil.example', 'null', 'https://localhost.evil.example', 'http://localhost:3000', 'file://'])(
    'Origin: %s',
    async (origin) => {
      const token = harness.tokens.admin;
      expectError(await harness.call('GET', '/api/v1/drills', { headers: { origin } }), 403, 'foreign_origin');
      expectError(await harness.call('POST', '/api/v1/halt', { headers: { origin }, token }), 403, 'foreign_origin');
      expectError(
        await harness.call('OPTIONS', '/api/v1/halt', { headers: { origin, 'access-control-request-method': 'POST' } }),
        403,
        'foreign_origin',
      );
      expect(harness.store.control.halted()).toBeNull();
    },
  );

  test('our own Origin, and a name that was configured', async () => {
    expect((await harness.call('GET', '/api/v1/drills', { headers: { origin: harness.url } })).status).toBe(200);
    await using named = await startHarness({ config: { host: '127.0.0.1', port: 0, hosts: ['pitwall.example'] } });
    const { status } = await named.call('GET', '/api/v1/drills', { headers: { origin: 'https://pitwall.example' } });
    expect(status).toBe(200);
  });

  test('a second token beside a good one', async () => {
    const tokens = [`Authorization: Bearer ${harness.tokens.admin}`, 'Authorization: Bearer other'];
    expectError(await get('/api/v1/audit', ...tokens), 401, 'bad_token');
  });

  test('X-Forwarded-For and its like make nobody local, and nobody else', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.9', 'x-forwarded-host': 'evil.example', forwarded: 'for=192.0.2.9' };
    expect((await harness.call('GET', '/api/v1/drills', { headers })).status).toBe(200);
  });
});

describe('paths and ids', () => {
  test.each([
    ['/api/v1/runs/..%2f..%2fetc%2fpasswd', 400],
    ['/api/v1/runs/../../etc/passwd', 404],
    ['/api/v1/runs/%00', 400],
    ['/api/v1/runs/%', 400],
    ['/api/v1/runs/%ff', 400],
    ['/api/v1/runs/__proto__', 400],
    ['/api/v1/runs/constructor', 400],
    ['/api/v1/runs/%27%20OR%201=1--', 400],
    ['/api/v1/runs/01', 400],
    [`/api/v1/runs/${'0'.repeat(26)}`, 404],
    [`/api/v1/runs/${'0'.repeat(26)}/events`, 404],
    [`/api/v1/runs/${'0'.repeat(26)}/artifacts/plan`, 404],
    ['/api/v1/runs/%E2%82%AC', 400],
    ['/api/v1/drills/__proto__', 400],
    ['/api/v1/drills/constructor', 404],
    ['/api/v1/drills/toString', 400],
    ['/api/v1/drills/..', 400],
    ['/api/v1/drills/no-such/plan', 404],
    ['/api/v1/drills?__proto__[x]=1', 200],
    ['/api/v1/runs?__proto__=1', 400],
    ['/api/v1/runs?limit=0', 400],
    ['/api/v1/runs?limit=201', 400],
    ['/api/v1/runs?limit=1e2', 400],
    ['/api/v1/runs?limit=', 400],
    ['/api/v1/runs?limit=1&limit=2', 400],
    ['/api/v1/runs?limit=99999999999999999999', 400],
    ['/api/v1/runs?before=x', 400],
    ['/api/v1/runs?since=yesterday', 400],
    ['/api/v1/runs?since=0001-01-01T00:00:00Z', 200],
    ['/api/v1/runs?until=9999-12-31T23:59:59Z', 200],
    ['/api/v1/runs?verdict=green', 400],
    ['/api/v1/runs?drill=%00', 400],
    ['/api/v1/freezes/x', 404],
    ['/api/v1/evidence', 401],
    ['/api/v1/evidence/..%2f..%2fetc%2fpasswd/download', 401],
    ['/api/v1/', 404],
    ['//', 404],
    ['*', 400],
    ['http://evil.example/api/v1/drills', 400],
  ])('%s', async (path, status) => {
    const answer = await get(path);
    if (status === 200) expect(answer.status, answer.text).toBe(200);
    else expectError(answer, status);
  });

  test('an id of 10 kB', async () => {
    expectError(await get(`/api/v1/runs/${'0'.repeat(10_000)}`), 414, 'path_too_long');
    expectError(await get(`/api/v1/drills/${'a'.repeat(10_000)}/plan`), 414, 'path_too_long');
  });

  test('artifacts', async () => {
    const runId = harness.openRun();
    for (const name of ['..%2fplan', '__proto__', '%00', '.', 'x'.repeat(150)]) {
      const { status } = await get(`/api/v1/runs/${runId}/artifacts/${name}`);
      expect([400, 404], name).toContain(status);
    }
    expectError(await get(`/api/v1/runs/${runId}/artifacts/constructor`), 404, 'unknown_artifact');
  });

  test('a refusal names the field, its place and what was expected', async () => {
    const { json } = await harness.call('GET', '/api/v1/runs?limit=500&colour=red');
    expect(json).toMatchObject({
      error: {
        code: 'invalid_request',
        message: expect.stringMatching(/limit in the query: expected at most 200.*in the query: unrecognized key: "colour"/),
      },
    });
  });

  test('headers and paths beyond 16 KiB', async () => {
    expectError(await get('/api/v1/drills', `X: ${'x'.repeat(20_000)}`), 431, 'headers_too_large');
    expectError(await get(`/${'x'.repeat(20_000)}`), 431, 'headers_too_large');
  });

  test('methods that are not there', async () => {
    for (const [method, path] of [
      ['DELETE', '/api/v1/drills'],
      ['PUT', '/api/v1/halt'],
      ['POST', '/api/v1/runs'],
      ['PATCH', '/metrics'],
      ['OPTIONS', '/api/v1/halt'],
    ] as const) {
      expectError(await harness.call(method, path, { token: harness.tokens.admin }), 404, 'not_found');
    }
    expectError(await raw(['BREW /coffee HTTP/1.1', `Host: ${host()}`]), 400, 'bad_request');
    expectError(await raw(['\x16\x03\x01 not http']), 400, 'bad_request');
  });
});

describe('bodies', () => {
  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    harness.call('POST', '/api/v1/drills/recycle-shop/runs', { token: harness.tokens.operator, body, headers });

  test.each([
    ['not JSON', '{', 400, 'invalid_json'],
    ['empty although announced', '', 400, 'invalid_json'],
    ['an array', '[]', 400, 'invalid_request'],
    ['a string', '"x"', 400, 'invalid_request'],
    ['an unknown key', '{"colour":"red"}', 400, 'invalid_request'],
    ['a wrong type', '{"seed":1}', 400, 'invalid_request'],
    ['a long seed', JSON.stringify({ seed: 'x'.repeat(101) }), 400, 'invalid_request'],
    ['a poisoned prototype', '{"__proto__":{"admin":true}}', 400, 'invalid_json'],
    ['a poisoned constructor', '{"constructor":{"prototype":{"admin":true}}}', 400, 'invalid_json'],
    ['too big', JSON.stringify({ seed: 'x'.repeat(70_000) }), 413, 'body_too_large'],
    ['deeply nested', '['.repeat(30_000), 400, 'invalid_json'],
  ])('%s', async (_name, body, status, code) => {
    const before = harness.store.runs.list().length;
    expectError(await post(body), status, code);
    expect(harness.store.runs.list().length).toBe(before);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense'])(
    'of the type %s',
    async (type) => expectError(await post('{}', { 'content-type': type }), 415, 'unsupported_media_type'),
  );

  test('too big without saying so', async () => {
    const head = [
      'POST /api/v1/halt HTTP/1.1',
      `Host: ${host()}`,
      `Authorization: Bearer ${harness.tokens.operator}`,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ];
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    expectError(
      await raw(head, {
        after: (write) => {
          write(chunk);
          write(chunk);
        },
      }),
      413,
      'body_too_large',
    );
  });

  test('is not read before it is known who sends it', async () => {
    expectError(await harness.call('POST', '/api/v1/halt', { body: '{' }), 401, 'token_required');
    expectError(await harness.call('POST', '/api/v1/halt', { body: '{', token: harness.tokens.viewer }), 403, 'role_too_small');
  });

  test('too slow: headers or body', async () => {
    const began = performance.now();
    expectError(
      await raw(
        [
          'POST /api/v1/halt HTTP/1.1',
          `Host: ${host()}`,
          `Authorization: Bearer ${harness.tokens.operator}`,
          'Content-Type: application/json',
          'Content-Length: 20',
        ],
        {
          after: (write) => void setTimeout(write, 100, '{'),
        },
      ),
      408,
      'request_timeout',
    );
    const half = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(harness.url).port), '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      socket.once('close', () => resolve(text));
      socket.write('GET /healthz HTTP/1.1\r\nHost: loc');
    });
    expect(half).toContain('408 Request Timeout');
    expect(performance.now() - began).toBeLessThan(60_000);
  });
});

describe('what goes wrong inside', () => {
  test('is a defect without internals, and its details are in the log under the number in the hint', async () => {
    const plan = async () => {
      throw new Error('secret /etc/internal at Object.<anonymous> (/srv/pitwall/x.ts:1:2)');
    };
    await using own = await startHarness({ plan });
    const answer = await own.call('GET', '/api/v1/drills/recycle-shop/plan');
    expectError(answer, 500, 'defect');
    expect(answer.text).not.toContain('secret');
    const id = /request (\S+)"/.exec(answer.text)?.[1];
    expect(own.log.some((line) => line.includes('secret') && line.includes(`"reqId":"${id}"`))).toBe(true);
  });

  test('an answer that is not what was described is a defect, too', async () => {
    const ready = async () => ({ ok: 'yes' as unknown as boolean, checks: [] });
    await using own = await startHarness({ ready });
    expectError(await own.call('GET', '/readyz'), 500, 'defect');
  });

  test('a handler that never answers is given up', async () => {
    const targets = () => new Promise<never>(() => undefined);
    await using own = await startHarness({ targets }, { handlerMs: 100 });
    expectError(await own.call('GET', '/api/v1/targets'), 503, 'timeout');
  });
});
