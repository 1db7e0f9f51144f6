import { describe, expect, it, test } from 'vitest';
import { InvalidError } from '../../domain/errors.ts';
import { alertAsJson, parseAlert } from './alert.ts';
import { containerOf } from './container-of.ts';

/** As Falco sends it. */
const asFalco = `{"hostname":"node1","output":"18:02:01.123456789: Warning Shell (container_id=3ad7b26ded6d)","output_fields":{"container.id":"3ad7b26ded6d","container.image.repository":null,"container.name":"web","evt.time":1507591916746609046,"fd.name":null,"proc.cmdline":"bash -c \\"id\\"","proc.pid":4242,"proc.tty":34816},"priority":"Warning","rule":"Terminal shell in container","source":"syscall","tags":["container","mitre_execution"],"time":"2026-01-01T18:02:01.123456789Z"}`;

/** As falcosidekick forwards it. */
const asSidekick = JSON.stringify({
  uuid: '7d9ed1d2-0b4a-4ae5-8f1c-3a1f0a1b2c3d',
  output: '18:02:01.1: Critical Shell',
  priority: 'Critical',
  rule: 'Terminal shell in container',
  time: '2026-01-01T18:02:01.1Z',
  source: 'syscall',
  output_fields: { 'container.id': 'host', custom: true, nested: { a: [1] } },
  hostname: 'node1',
  tags: null,
});

it('reads what Falco sends, to the last digit', () => {
  const alert = parseAlert(asFalco);
  expect(alert).toMatchObject({
    rule: 'Terminal shell in container',
    priority: 'warning',
    hostname: 'node1',
    tags: ['container', 'mitre_execution'],
    uuid: null,
    raw: asFalco,
  });
  expect(Object.fromEntries(alert.fields)).toEqual({
    'container.id': '3ad7b26ded6d',
    'container.image.repository': null,
    'container.name': 'web',
    'evt.time': '1507591916746609046',
    'fd.name': null,
    'proc.cmdline': 'bash -c "id"',
    'proc.pid': '4242',
    'proc.tty': '34816',
  });
});

it('reads what falcosidekick forwards, and keeps what it does not know', () => {
  const alert = parseAlert(asSidekick);
  expect(alert).toMatchObject({ priority: 'critical', tags: [], uuid: '7d9ed1d2-0b4a-4ae5-8f1c-3a1f0a1b2c3d' });
  expect(Object.fromEntries(alert.fields)).toEqual({ 'container.id': 'host', custom: 'true', nested: '{"a":[1]}' });
});

it('becomes evidence as it came', () => {
  const json = alertAsJson(parseAlert(asFalco));
  expect(json).toMatchObject({ kind: 'falco', raw: asFalco, fields: { 'evt.time': '1507591916746609046' } });
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
});

it('is not led astray by keys that mean something elsewhere', () => {
  const raw = '{"rule":"R","priority":"debug","__proto__":{"tags":["x"]},"output_fields":{"__proto__":{"x":1},"constructor":"y"}}';
  const json = alertAsJson(parseAlert(raw)) as { readonly fields: object };
  expect(Object.getPrototypeOf(json.fields)).toBe(Object.prototype);
  expect(Object.keys(json.fields)).toEqual(['constructor']);
  expect(({} as { x?: number }).x).toBeUndefined();
});

describe('bad alerts', () => {
  test.each([
    ['', 'the alert is not JSON: ends where a value was expected at character 1'],
    ['[]', 'the alert is not a JSON object'],
    ['"x"', 'the alert is not a JSON object'],
    ['{}', 'the alert has no rule'],
    ['{"rule":""}', 'the alert has no rule'],
    ['{"rule":1}', 'the alert has no text as its rule'],
    ['{"rule":"R"}', 'the alert has no priority'],
    ['{"rule":"R","priority":4}', 'the alert has no text as its priority'],
    ['{"rule":"R","priority":"high"}', 'the alert has the priority "high" (expected one of emergency, alert, critical,'],
    ['{"rule":"R","rule":"S","priority":"high"}', 'the alert is not JSON: the key "rule" stands twice'],
    ['{"rule":"R","priority":"debug","output":{}}', 'the alert has no text as its output'],
    ['{"rule":"R","priority":"debug","tags":[1]}', 'the alert has tags that are not a list of texts'],
    ['{"rule":"R","priority":"debug","output_fields":[]}', 'the alert has output_fields that are not an object'],
  ])('%s', (raw, message) => {
    const parse = () => parseAlert(raw);
    expect(parse).toThrow(InvalidError);
    expect(parse).toThrow(message);
  });
});

describe('the container that it is about', () => {
  const full = '3ad7b26ded6d'.padEnd(64, '0');
  const of = (fields: Record<string, string | null>) => containerOf({ fields: new Map(Object.entries(fields)) });

  test.each([
    [
      { 'container.id': '3ad7b26ded6d', 'container.name': 'web' },
      { ok: true, id: '3ad7b26ded6d', name: 'web' },
    ],
    [
      { 'container.id': '3ad7b26ded6d', 'container.full_id': full, 'container.name': '<NA>' },
      { ok: true, id: full, name: null },
    ],
    [{ 'container.full_id': full }, { ok: true, id: full, name: null }],
    [
      { 'container.id': full, 'container.name': '' },
      { ok: true, id: full, name: null },
    ],
  ])('%j', (fields, named) => expect(of(fields)).toEqual(named));

  test.each([
    [{ 'container.id': 'host' }, false, 'a process of the host'],
    [{ 'container.id': 'host', 'container.full_id': full }, false, 'a process of the host'],
    [{}, false, 'it names no container'],
    [{ 'container.id': null }, false, 'it names no container'],
    [{ 'container.id': '3ad7b26ded6' }, false, 'is not the id of a Docker container'],
    [{ 'container.id': '3AD7B26DED6D' }, false, 'is not the id of a Docker container'],
    [{ 'container.id': `${full}0` }, false, 'is not the id of a Docker container'],
    [{ 'container.id': '*' }, false, '"*" is not the id'],
    [{ 'container.id': '../../images/json' }, false, '"../../images/json" is not the id'],
    [{ 'container.id': '3ad7b26ded6d\n' }, false, 'is not the id of a Docker container'],
    [{ 'container.id': '3ad7b26ded6d', 'container.full_id': '../x' }, false, '"../x" is not the id'],
    [{ 'container.id': '3ad7b26ded6d', 'container.full_id': 'f'.repeat(64) }, true, 'is not the beginning of its container.full_id'],
  ])('%j', (fields, contradicts, reason) =>
    expect(of(fields)).toEqual({ ok: false, contradicts, reason: expect.stringContaining(reason) }),
  );
});
