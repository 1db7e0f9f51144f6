import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../helper/lab.ts';
import { docker } from '../support/containers.ts';
import { type HygieneWatch, watchFor } from '../support/secrets.ts';
import { consumer, openShop, type Shop } from './shop-lab.ts';

const full = process.env.PITWALL_TEST_FULL !== undefined;
const engine = connect();
let shop: Shop;
let watch: HygieneWatch;
/** What the api's file has ever held, the admin's password, and what commands printed. */
const held = new Set<string>();
const printed: Record<string, string> = {};
const end = new AbortController();
let polling: Promise<void>;

beforeAll(async () => {
  shop = await openShop();
  polling = (async () => {
    for (; !end.signal.aborted; await sleep(30)) held.add(shop.held());
  })();
  watch = watchFor(
    () => [
      { what: 'admin', value: shop.secrets.admin ?? '' },
      ...[...held].map((value, i) => ({ what: i === 0 ? 'first' : 'later', value })),
    ],
    { home: shop.home.home, engine, processes: true, printed: () => printed },
  );
}, 120_000);
afterAll(async () => {
  end.abort();
  await polling;
  await shop[Symbol.asyncDispose]();
  await engine.close();
});

async function call(name: string, ...args: string[]) {
  const answer = await shop.home.call(...args);
  printed[name] = answer.stdout + answer.stderr;
  return answer;
}

test('no value, old or new, is to be found anywhere but where it belongs, whether runs pass or fail', async () => {
  const real = `credential: real\nwithin: 3s\n`;
  expect((await call('a leak as JSON', 'run', shop.drill(`plan: leak\n${real}${consumer()}`), '--json')).exitCode).toBe(0);
  if (full)
    expect((await call('a planned one', 'run', shop.drill(`plan: planned\nalternate: app_b\n${real}${consumer()}`))).exitCode).toBe(0);
  if (full) {
    // the role that has its turn now is the other: refused before the leak
    expect((await call('one that is refused', 'run', shop.drill(`plan: leak\n${real}${consumer()}`))).exitCode).not.toBe(0);
  }
  const untold = shop.drill(`plan: planned\nalternate: app_b\n${real}${consumer('')}`);
  expect((await call('a consumer that is not told', 'run', untold)).exitCode).toBe(1);
  const before = shop.held();
  const failing = call('a server that is down', 'run', shop.drill(`plan: planned\nalternate: app_b\n${real}${consumer()}`));
  // a run that is refused changes nothing, and must not be waited for
  await Promise.race([changedFrom(before), failing]);
  expect(shop.held()).not.toBe(before);
  await docker('pause', shop.db);
  await sleep(1_500);
  await docker('unpause', shop.db);
  await failing;
  expect((await call('recover', 'recover')).exitCode).toBe(0);
  if (full) {
    // nothing is at that address, also when the old value is back: what is left says so
    const deaf = shop.drill(`plan: planned\nalternate: app_b\n${real}${consumer('hook: { port: 8080, path: /nothing }')}`);
    expect((await call('a hook that refuses', 'run', deaf)).exitCode).toBe(5);
  }
  await call('runs', 'runs', '--json');
  for (const { id } of JSON.parse(printed.runs ?? '[]') as { id: string }[]) await call(`show ${id}`, 'show', id, '--events');
  const { places, looks } = await watch.stop();
  expect([held.size >= (full ? 4 : 3), looks > 20]).toEqual([true, true]);
  // the variable that the drill file names is where the admin's password belongs, and so is the one that the server was given it by
  const belongs = /^admin: environment (SHOP_ADMIN of .*|POSTGRES_PASSWORD of (entry\.sh|postgres))$/;
  expect(places.filter((place) => !belongs.test(place))).toEqual([]);
}, 240_000);

/** A new value has come into the file. */
async function changedFrom(before: string): Promise<void> {
  while (shop.held() === before && !end.signal.aborted) await sleep(20);
}
