import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, lab, leftOf } from './lab.ts';

/** Twelve services on three networks, a policy of what may be, and six lies in it: three of either kind. */
let world: Lab;
const networks = ['x', 'y', 'z'];
const services = Array.from({ length: 12 }, (_, i) => `s${String(i + 1).padStart(2, '0')}`);
const homeOf = (i: number) => networks[Math.floor(i / 4)] as string;
/** Denied by the policy, and joined by a network. */
const leaks = ['s01 s03', 's06 s05', 's12 s09'];
/** Allowed by the policy, and joined by none. */
const outages = ['s02 s07', 's08 s10', 's11 s04'];

beforeAll(async () => {
  world = lab();
  for (const network of networks) await world.network(network);
  for (const [i, name] of services.entries()) await world.service(name, '--network', world.box.name(homeOf(i)));
});
afterAll(() => world[Symbol.asyncDispose]());

function policy(): string {
  const within = services.flatMap((from, i) =>
    services.filter((to, j) => to !== from && homeOf(i) === homeOf(j)).map((to) => `${from} ${to}`),
  );
  const rules = [...within.filter((pair) => !leaks.includes(pair)), ...outages].map((pair) => {
    const [from, to] = pair.split(' ');
    return `    - { from: ${from}, to: ${to}, port: 8080 }`;
  });
  return `policy:\n  host: allow\n  allow:\n${rules.join('\n')}`;
}

const rounds = process.env.PITWALL_TEST_FULL ? 10 : 1;

test.for(Array.from({ length: rounds }, (_, i) => i + 1))('round %i: six planted, none missed, none invented', async () => {
  const { broken, cells, record, exitCode } = await world.run(policy());
  const arrow = (pair: string) => pair.replace(' ', ' → ');
  expect(broken).toEqual(
    [
      ...leaks.map((pair) => `NET-04 ${arrow(pair)}:8080`),
      ...outages.map((pair) => `NET-04 ${arrow(pair)}:8080: allowed, but closed`),
    ].toSorted(),
  );
  const between = cells.filter(({ to }) => to !== 'host');
  expect(between).toHaveLength(12 * 11);
  const disagree = between
    .filter(({ disagreement }) => disagreement !== null)
    .map(({ from, to, disagreement }) => `${from} ${to} ${disagreement}`);
  expect(disagree.toSorted()).toEqual(
    [...leaks.map((pair) => `${pair} deny-but-open`), ...outages.map((pair) => `${pair} allow-but-closed`)].toSorted(),
  );
  expect(cells.filter(({ measured }) => measured === 'unknown')).toEqual([]);
  expect(record.measurements.find(({ name }) => name === 'denied_open')?.value).toBe(3);
  expect(record.measurements.find(({ name }) => name === 'allowed_closed')?.value).toBe(3);
  expect(record.findings.find(({ title }) => title.startsWith('s01: '))?.title).toMatch(/^s01: \d+ denied closed, \d+ allowed open$/);
  expect(exitCode).toBe(1);
  expect(await leftOf(record.id)).toBe('');
});

test('for people: services by services, and the policy that would describe what is there', async () => {
  const file = world.drill(policy());
  const { stdout } = await world.home.call('run', file, '--suggest');
  const rows = new Map(stdout.split('\n').map((line) => [line.split('\t')[0], line.split('\t').slice(1).join('')]));
  expect(rows.get('s01')).toBe('-.!.XXXXXXXX.');
  expect(rows.get('s02')).toBe('.-..XX!XXXXX.');
  expect(stdout).toContain('. allowed and open   X denied and closed   ! policy and network disagree');
  const suggested = stdout
    .slice(stdout.indexOf('\npolicy:\n') + 1)
    .replace(/\nhost:.*/s, '')
    .replace(/ {2}host: \[?.*$/s, '  host: allow\n');
  const { broken, exitCode } = await world.run(suggested);
  expect([broken, exitCode]).toEqual([[], 0]);
  expect((await world.home.call('run', file, '--suggest', '--json')).exitCode).toBe(2);
});
