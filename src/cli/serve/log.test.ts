import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Secret } from '../../domain/secret.ts';
import { serveLog } from './log.ts';

function logged(write: (log: ReturnType<typeof serveLog>) => void): string[] {
  const lines: string[] = [];
  write(serveLog({ write: (line: string) => void lines.push(line) }));
  return lines;
}

const secret = () => randomBytes(24).toString('base64url').replace(/[-_]/g, 'x');

test('secrets that come in by any way do not come out', () => {
  const secrets = Array.from({ length: 16 }, secret);
  const next = () => secrets[used++] ?? 'too few';
  let used = 0;
  const lines = logged((log) => {
    log.info(`asked with Authorization: Bearer ${next()}`);
    log.info({ headers: { authorization: `Basic ${next()}`, cookie: `session=${next()}` }, token: next() }, 'request');
    log.warn({ hook: { url: `https://hooks.example.org/services/${next()}` } }, 'sent to https://example.org/webhook/%s', next());
    log.error(
      {
        err: Object.assign(new Error(`connect postgres://app:${next()}@db/x`, { cause: new Error(`password=${next()}`) }), {
          password: next(),
        }),
      },
      'failed',
    );
    log.error(new Error(`token=${next()}`));
    log.info({ deep: [{ a: { b: { apiKey: next(), passwd: next() } } }] }, `PGPASSWORD=${next()} psql`);
    log.info({ value: new Secret(next()) }, `pw_${next()}`);
    log.child({ token: next() }).child({ reqId: 1 }).info('as a child, 100 %');
  });
  expect(used).toBe(16);
  const all = lines.join('');
  expect(secrets.filter((one) => all.includes(one))).toEqual([]);
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'asked with Authorization: Bearer [redacted]',
    'request',
    'sent to https://example.org/[redacted]',
    'failed',
    'token=[redacted]',
    'PGPASSWORD=[redacted] psql',
    'pw_[redacted]',
    'as a child, 100 %',
  ]);
});

test('what is worth knowing stays: ids, names, codes, where an error came from', () => {
  const [line = ''] = logged((log) =>
    log.error({ run: '01J', drill: 'recycle', err: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }, 'a run did not begin'),
  );
  expect(JSON.parse(line)).toMatchObject({
    run: '01J',
    drill: 'recycle',
    err: { type: 'Error', message: 'refused', code: 'ECONNREFUSED', stack: expect.stringContaining('log.test') },
    msg: 'a run did not begin',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
  });
});

test('one line an event, and nothing in it that a terminal obeys', () => {
  const hostile = 'a\nb\r\u001b[2J\u0007\u009b31m\u202e\u2066\u2028\u0085z';
  const lines = logged((log) => log.info({ target: hostile, [hostile]: 1 }, hostile));
  expect(lines.length).toBe(1);
  const [line = ''] = lines;
  expect(line.slice(0, -1)).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\u2028/u);
  expect(JSON.parse(line)).toMatchObject({ target: hostile, msg: hostile });
});
