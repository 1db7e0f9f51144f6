import { expect, test } from 'vitest';
import type { Outside } from '../probe.ts';
import { outside } from './network-outside.ts';

const real = { real: true } as const;

function judged(id: string, given: Outside, lines: readonly string[], exitCode = 0): string | undefined {
  const output = lines.map((line) => `${line}\n`).join('');
  return outside
    .find((probe) => probe.id === id)
    ?.judge({ outside: given, unattempted: null, step: () => ({ command: '', output, exitCode }) } as never).state;
}

function askedAll(said: string): string[] {
  const hosts = ['169.254.169.254:80', '100.100.100.200:80'];
  return hosts.flatMap((host) => ['GET', 'PUT'].map((method) => `${method} ${host} nc: can't connect to remote host: ${said}`));
}

test('silence of the real metadata service has no control, no route and a refusal need none', () => {
  expect(judged('NET-01', real, askedAll('Connection timed out'))).toBe('inconclusive');
  expect(judged('NET-01', real, askedAll('No route to host'))).toBe('inconclusive');
  expect(judged('NET-01', real, askedAll('Network is unreachable'))).toBe('holds');
  expect(judged('NET-01', real, askedAll('Connection refused'))).toBe('holds');
  expect(judged('NET-01', real, [...askedAll('Connection timed out').slice(1), 'GET 169.254.169.254:80 HTTP/1.1 401'])).toBe('broken');
});

test('silence of a decoy holds only if it was seen to answer', () => {
  const decoy = '10.1.2.3:80';
  const silent = ['GET', 'PUT'].map((method) => `${method} ${decoy} nc: timed out`);
  expect(judged('NET-01', { decoy }, silent)).toBe('inconclusive');
  expect(judged('NET-01', { decoy, answers: true }, silent)).toBe('holds');
});

test('what was cut off, or did not ask all, does not hold', () => {
  const closed = askedAll('Network is unreachable');
  expect(judged('NET-01', real, closed, 137)).toBe('inconclusive');
  expect(judged('NET-01', real, closed.slice(1))).toBe('inconclusive');
  const away = ['1.1.1.1:53 1 Network is unreachable', '9.9.9.9:53 1 Network is unreachable'];
  expect(judged('NET-02', real, away)).toBe('holds');
  expect(judged('NET-02', real, away, 137)).toBe('inconclusive');
  expect(judged('NET-02', real, away.slice(1))).toBe('inconclusive');
});
