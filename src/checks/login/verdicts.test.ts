import { describe, expect, test } from 'vitest';
import { statusVerdict } from './http-verdict.ts';
import * as postgresql from './postgresql-verdict.ts';
import * as redis from './redis-verdict.ts';
import { tlsVerdict } from './tls-verdict.ts';

const failure = (code?: string, message = 'a text with a value') => Object.assign(new Error(message), code === undefined ? {} : { code });
const reply = (message: string) => Object.assign(new Error(message), { name: 'ReplyError' });

describe('PostgreSQL', () => {
  test.each([
    ['28P01', 'refused'],
    ['28000', 'refused'],
    ['42501', 'unknown'],
    ['53300', 'unknown'],
    ['57P03', 'unknown'],
    ['3D000', 'unknown'],
    ['57P01', 'unknown'],
    ['ECONNREFUSED', 'unknown'],
    ['ECONNRESET', 'unknown'],
    ['ETIMEDOUT', 'unknown'],
  ])('a login that ends with %s is %s', (code, answer) => {
    expect(postgresql.loginVerdict(failure(code))).toEqual({ answer, code });
  });

  test.each([
    ['57P01', 'closed'],
    ['57P02', 'closed'],
    ['57P05', 'closed'],
    ['ECONNRESET', 'closed'],
    ['EPIPE', 'closed'],
    ['EHOSTUNREACH', 'unknown'],
    ['ETIMEDOUT', 'unknown'],
    ['42501', 'unknown'],
    ['57014', 'unknown'],
  ])('a session that meets %s is %s', (code, answer) => {
    expect(postgresql.sessionVerdict(failure(code))).toEqual({ answer, code });
  });

  test('a server that hangs up has refused nobody, but has ended a session', () => {
    const hungUp = failure(undefined, 'Connection terminated unexpectedly');
    expect(postgresql.loginVerdict(hungUp)).toEqual({ answer: 'unknown', code: 'closed' });
    expect(postgresql.sessionVerdict(hungUp)).toEqual({ answer: 'closed', code: 'closed' });
  });

  test.each([
    ['SASL authentication failed', 'refused', '08P01'],
    ['password authentication failed', 'refused', '08P01'],
    [
      'server login has been failing, cached error: password authentication failed for user "app" (server_login_retry)',
      'unknown',
      'pooler-login',
    ],
    ['server login failed: FATAL password authentication failed', 'unknown', 'pooler-login'],
    ['invalid message format', 'unknown', '08P01'],
    ['no such database: SASL authentication failed', 'unknown', '08P01'],
  ])('a pooler that says %s', (message, answer, code) => {
    expect(postgresql.loginVerdict(failure('08P01', message))).toEqual({ answer, code });
  });
});

describe('Redis', () => {
  test.each([
    ['WRONGPASS invalid username-password pair or user is disabled.', 'refused', 'WRONGPASS'],
    ['NOAUTH Authentication required.', 'refused', 'NOAUTH'],
    ["NOPERM User app has no permissions to run the 'ping' command", 'refused', 'NOPERM'],
    ['ERR invalid password', 'refused', 'invalid-password'],
    ['LOADING Redis is loading the dataset in memory', 'unknown', 'LOADING'],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", 'unknown', 'MASTERDOWN'],
    ['DENIED Redis is running in protected mode', 'unknown', 'DENIED'],
    ['ERR max number of clients reached', 'unknown', 'max-clients'],
    ['ERR unknown command', 'unknown', 'ERR'],
    ['secret-value came back', 'unknown', 'ERR'],
  ])('%s', (message, answer, code) => {
    expect(redis.loginVerdict(reply(message))).toEqual({ answer, code });
    expect(redis.sessionVerdict(reply(message))).toEqual({ answer, code });
  });

  test('only a reply of the server can refuse', () => {
    expect(redis.loginVerdict(new Error('WRONGPASS'))).toEqual({ answer: 'unknown', code: 'unexpected' });
    const hungUp = new Error('Connection is closed.');
    expect(redis.loginVerdict(hungUp)).toEqual({ answer: 'unknown', code: 'closed' });
    expect(redis.sessionVerdict(hungUp)).toEqual({ answer: 'closed', code: 'closed' });
    expect(redis.sessionVerdict(failure('EHOSTUNREACH'))).toEqual({ answer: 'unknown', code: 'EHOSTUNREACH' });
  });
});

test.each([
  [200, 'accepted', null],
  [204, 'accepted', null],
  [301, 'unknown', '301'],
  [401, 'refused', '401'],
  [403, 'refused', '403'],
  [404, 'unknown', '404'],
  [423, 'unknown', '423'],
  [429, 'unknown', '429'],
  [503, 'unknown', '503'],
])('HTTP %i is %s', (status, answer, code) => {
  expect(statusVerdict(status)).toEqual({ answer, code });
});

describe('TLS', () => {
  test.each([
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'bad_certificate'],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'bad_certificate'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'unknown_ca'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', 'certificate_revoked'],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'certificate_expired'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'certificate_required'],
    ['ERR_SSL_TLSV1_ALERT_ACCESS_DENIED', 'access_denied'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'handshake_failure'],
  ])('%s is a refusal', (code, alert) => {
    expect(tlsVerdict(failure(code))).toEqual({ answer: 'refused', code: alert });
  });

  test.each([
    'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
    'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    'CERT_HAS_EXPIRED',
    'ECONNRESET',
    'ECONNREFUSED',
  ])('%s is none', (code) => {
    expect(tlsVerdict(failure(code))).toEqual({ answer: 'unknown', code });
  });

  test('a text is never passed on', () => {
    expect(tlsVerdict(failure())).toEqual({ answer: 'unknown', code: 'unexpected' });
    expect(tlsVerdict(failure('a value with spaces'))).toEqual({ answer: 'unknown', code: 'unexpected' });
  });
});
