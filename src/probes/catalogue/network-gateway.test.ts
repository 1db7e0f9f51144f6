import { expect, test } from 'vitest';
import { gateway } from './network-gateway.ts';

const both = ['172.18.0.1', '172.19.0.1'];
const asks = `asks ${both.join(' ')}`;
const ports = { 'NET-05': [22, 80, 2375, 2376, 2377, 3000, 5432, 6379, 8080, 9100, 9323], 'NET-11': [2375, 2376] };
type Id = keyof typeof ports;

function closed(id: Id, address: string): string[] {
  return ports[id].map((port) => `${address} ${port} 1 refused`);
}

function judged(id: Id, lines: readonly string[], exitCode = 0): string | undefined {
  return gateway
    .find((probe) => probe.id === id)
    ?.judge({
      inspect: { HostConfig: { PortBindings: {} }, NetworkSettings: { Networks: {}, Ports: {} } },
      others: [],
      host: { networks: [] },
      unattempted: null,
      step: () => ({ command: '', output: lines.map((line) => `${line}\n`).join(''), exitCode }),
    } as never).state;
}

test.each(['NET-05', 'NET-11'] as const)('%s holds only if each gateway that was to be asked was asked all', (id) => {
  const [first, second] = both.map((address) => closed(id, address)) as [string[], string[]];
  expect(judged(id, [asks, ...first, ...second])).toBe('holds');
  expect(judged(id, [asks, ...first])).toBe('inconclusive');
  expect(judged(id, [asks, ...first, ...second.slice(1)])).toBe('inconclusive');
  expect(judged(id, [asks, ...first, ...second], 137)).toBe('inconclusive');
  expect(judged(id, [...first, ...second])).toBe('inconclusive');
});

test('what was seen before it was cut off is broken all the same', () => {
  expect(judged('NET-05', [asks, `${both[0]} 22 0`], 137)).toBe('broken');
  expect(judged('NET-11', [asks, `${both[0]} 2375 HTTP/1.0 200 OK|Api-Version: 1.45|`], 137)).toBe('broken');
});

test('the steps say whom they ask before they ask', () => {
  for (const probe of gateway) expect(probe.steps?.({ gateways: both } as never)[0]?.run.startsWith(`echo ${asks}; `)).toBe(true);
});
