import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newSecret, Secret } from '../../../domain/secret.ts';
import { needleOf } from './forms.ts';

const find = (value: string, text: string | Buffer) => needleOf(new Secret(value))?.find(text);
const awkward = 'pä55 "w/o+rd%&\\ß';
const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  ['in a file with its line end', `${awkward}\n`, 'as it is'],
  ['in bytes that are no text', Buffer.concat([Buffer.from([0, 255, 254]), Buffer.from(awkward), Buffer.from([0])]), 'as it is'],
  ['in a connection URL', `DATABASE_URL=postgres://app:${encodeURIComponent(awkward)}@db:5432/shop`, 'URL-encoded'],
  ['in a form', new URLSearchParams({ password: awkward }).toString(), 'URL-encoded'],
  [
    'with more of it encoded than needs be',
    Buffer.from(awkward)
      .toString('hex')
      .replaceAll(/../g, (hex) => `%${hex.toUpperCase()}`),
    'URL-encoded',
  ],
  ['in JSON', JSON.stringify({ password: awkward }), 'JSON-escaped'],
  ['in JSON in JSON', JSON.stringify({ body: JSON.stringify({ password: awkward }) }), 'JSON-escaped'],
  ['in JSON as ASCII', '{"p":"p\\u00E455 \\"w\\/o+rd%&\\\\\\u00df"}', 'JSON-escaped'],
  ['in base64', base64(awkward), 'in base64'],
  ['in base64 with its line end', base64(`${awkward}\n`), 'in base64'],
  ['in base64 without its padding, for URLs', Buffer.from(awkward).toString('base64url'), 'in base64'],
  ['as basic authorization', `authorization: Basic ${base64(`app:${awkward}`)}`, 'in base64'],
  ['in base64 behind a slash', `/${base64(awkward)}`, 'in base64'],
  ['in base64 right behind other letters', `x9${base64(awkward)}`, 'in base64'],
  ['in base64 in lines', base64(`${'.'.repeat(100)}${awkward}${'.'.repeat(100)}`).replaceAll(/.{76}/g, '$&\n'), 'in base64'],
  ['not in another value', 'pä55 "w/o+rd%&\\s', null],
  ['not in the base64 of another value', base64('pä55 "w/o+rd%&\\s'), null],
  ['not in nothing', '', null],
])('%s', (_what, text, form) => {
  expect(find(awkward, text)).toBe(form);
});

test('a value of under 8 characters is not sought', () => {
  expect(needleOf(new Secret('1234567'))).toBeNull();
  expect(needleOf(new Secret('1234567\n'))).toBeNull();
  expect(find('12345678', 'x12345678y')).toBe('as it is');
});

test('of a PEM the private key is sought, with or without its certificate', () => {
  const line = (letter: string) => letter.repeat(64);
  const key = `-----BEGIN PRIVATE KEY-----\n${line('k')}\n${line('l')}\nshort==\n-----END PRIVATE KEY-----\n`;
  const certificate = `-----BEGIN CERTIFICATE-----\n${line('c')}\n-----END CERTIFICATE-----\n`;
  expect(find(certificate + key, key)).toBe('as it is');
  expect(find(certificate + key, JSON.stringify({ key }))).toBe('as it is');
  expect(find(certificate + key, base64(key).replaceAll(/.{76}/g, '$&\n'))).toBe('in base64');
  expect(find(certificate + key, certificate)).toBeNull();
});

test('any value is found in any of its forms, and a new one in no other', () => {
  const values = fc.string({ minLength: 8, maxLength: 60, unit: 'grapheme' }).filter((text) => text.trim() === text);
  fc.assert(
    fc.property(values, fc.string(), (value, around) => {
      for (const text of [value, encodeURIComponent(value), JSON.stringify(value)]) expect(find(value, `${around} ${text}`)).not.toBeNull();
      for (const text of [base64(value), base64(`${around}:${value}`)]) expect(find(value, `"${text}"`)).not.toBeNull();
    }),
  );
  const [one, other] = [newSecret(), newSecret()];
  for (const text of [other.reveal(), base64(other.reveal()), encodeURIComponent(other.reveal())])
    expect(needleOf(one)?.find(text)).toBeNull();
});
