import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redact, redactText } from './redact.ts';
import { Secret } from './secret.ts';

const key = 'Zq9xV7tLm3Pw8RkY';

test('texts lose what looks like a secret, and keep the rest', () => {
  for (const text of [
    `pw_${key}${key}`,
    `Authorization: Bearer ${key}`,
    `authorization: "${key}"`,
    `{"Authorization":"Basic ${key}=="}`,
    `cookie: pitwall=${key}; path=/`,
    `postgresql://app:${key}@db:5432/shop`,
    `redis://:${key}@cache:6379`,
    `POST https://hooks.slack.com/services/T0/B0/${key}`,
    `https://discord.com/api/webhooks/1/${key}`,
    `https://example.org/hooks/${key}?x=1`,
    `https://example.org/a?token=${key}`,
    `password=${key}`,
    `PGPASSWORD=${key} psql`,
    `DB_PASSWORD: '${key}'`,
    `"secret": "${key} and more"`,
    `api_key = ${key}`,
    `--client-secret=${key}`,
    `ghp_${key}${key}`,
    `xoxb-1-2-${key}`,
    `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${key}`,
    `-----BEGIN RSA PRIVATE KEY-----\n${key}\n-----END RSA PRIVATE KEY-----`,
    `-----BEGIN PRIVATE KEY-----\n${key}`,
  ]) {
    const left = redactText(`before ${text}`);
    expect(left).not.toContain(key);
    expect(left).toMatch(/^before .*\[redacted\]/s);
  }
  for (const text of [
    'run 01J9Z: shop-web-1: recycled in 1.2 s',
    'https://127.0.0.1:7500/readyz answers',
    'unix:///var/run/docker.sock',
    'the token was revoked',
    'secret-rotation: 3 enforcement points',
    'drills/rotate.yaml:7:14 params.secrets: "x" is not a list',
  ])
    expect(redactText(text)).toBe(text);
});

test('values: by the names of keys, at any depth, in errors and their causes; numbers and files stay', () => {
  const cause = new Error(`connect failed: postgres://u:${key}@h`);
  const error = Object.assign(new Error(`Bearer ${key}`, { cause }), { headers: { 'set-cookie': [key] }, code: 'E' });
  const loop: Record<string, unknown> = { password: key };
  loop.self = loop;
  const shown = JSON.stringify(
    redact({
      err: error,
      token: key,
      a: [{ Authorization: key, apiKey: key, note: `token=${key}` }],
      loop,
      s: new Secret(key),
      b: Buffer.from(key),
      webhook: key,
      url: new URL(`https://a:${key}@b/`),
    }),
  );
  expect(shown).not.toContain(key);
  expect(shown).not.toContain(Buffer.from(key).toString('base64'));
  expect(shown).toContain('"code":"E"');
  expect(redact({ tokens: 3, tokenFile: '/x/token', password: null, when: new Date(0) })).toEqual({
    tokens: 3,
    tokenFile: '/x/token',
    password: null,
    when: '1970-01-01T00:00:00.000Z',
  });
});

test('any token of ours, anywhere in any text', () => {
  const token = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/);
  fc.assert(
    fc.property(fc.string(), token, fc.string(), (before, value, after) => {
      expect(redactText(`${before} pw_${value} ${after}`)).not.toContain(value);
    }),
  );
});
