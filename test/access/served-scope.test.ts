/** The built command: tokens that expire, and tokens that may act on some things alone, on a real engine. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker, type Fixture, fixture, recycleDrill } from '../support/containers.ts';
import { type Pitwall, pitwall, type Started } from '../support/pitwall.ts';

let box: Fixture;
let home: Pitwall;
let server: Started;
let api: string;
beforeAll(async () => {
  box = fixture();
  await box.run('a');
  home = pitwall();
  home.file('pitwall.yaml', 'api: { port: 0 }\n');
  home.file('drills/one.yaml', recycleDrill(box));
  server = home.start('serve');
  let log = '';
  server.child.stdout?.on('data', (chunk: Buffer) => (log += chunk));
  await server.saw('"serving');
  api = `${/"address":"([^"]+)"/.exec(log)?.[1] ?? ''}/api/v1`;
});
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

async function tokenFor(...args: string[]): Promise<string> {
  const { stdout, stderr } = await home.call('token', 'create', ...args, '--role', 'admin', '--json');
  if (stdout === '') throw new Error(stderr);
  return (JSON.parse(stdout) as { token: string }).token;
}

async function post(path: string, token: string, body: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${api}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const { error } = (await answer.json()) as { error?: { code: string; message: string } };
  return [answer.status, error?.code, error?.message];
}

test('a freeze and a run that are out of scope are refused before anything is done', async () => {
  const other = await tokenFor('other', '--scope', 'container:nobody-*', '--scope', 'engine:local');
  const elsewhere = await tokenFor('elsewhere', '--scope', 'drill:*', '--scope', 'engine:nowhere');
  const freeze = { containers: [box.name('a')], reason: 'smoke' };
  expect(await post('/freezes', other, freeze)).toEqual([
    403,
    'out_of_scope',
    expect.stringContaining(`the container ${box.name('a')} is out of`),
  ]);
  expect(await post('/freezes', elsewhere, freeze)).toEqual([403, 'out_of_scope', expect.stringContaining('names no drill')]);
  // by its label: what it is called is known once it is found
  const [key = '', value = ''] = box.label.split('=');
  expect(await post('/freezes', other, { label: { [key]: value }, reason: 'smoke' })).toEqual([403, 'out_of_scope', expect.any(String)]);
  expect(await post('/drills/recycle/runs', elsewhere, {})).toEqual([
    403,
    'out_of_scope',
    expect.stringContaining('the engine local is out of'),
  ]);
  expect(await post('/drills/recycle/runs', other, {})).toEqual([403, 'out_of_scope', expect.stringContaining('names no container')]);
  expect(await docker('inspect', '--format', '{{.State.Status}}', box.name('a'))).toBe('running');
  expect(JSON.parse((await home.call('runs', '--json')).stdout)).toEqual([]);
});

test('a token expires in ninety days unless told otherwise, and is refused from then on', async () => {
  const soon = await tokenFor('soon', '--expires', '1s');
  await tokenFor('by-default');
  await tokenFor('for-ever', '--expires', 'never');
  const days = (row: { createdAt: string; expiresAt: string | null }) =>
    row.expiresAt === null ? null : (Date.parse(row.expiresAt) - Date.parse(row.createdAt)) / 86_400_000;
  await expect.poll(() => post('/unhalt', soon, {}), { timeout: 30_000 }).toEqual([401, 'token_expired', 'the token has expired']);
  const rows = JSON.parse((await home.call('token', 'list', '--json')).stdout) as {
    name: string;
    state: string;
    createdAt: string;
    expiresAt: string | null;
  }[];
  const of = (name: string) => rows.find((row) => row.name === name);
  expect(of('soon')?.state).toBe('expired');
  expect(days(of('by-default') ?? { createdAt: '', expiresAt: null })).toBeCloseTo(90, 2);
  // the first one, of serve, too: who can read its file could make another
  expect([of('for-ever'), of('admin')].map((row) => row?.expiresAt)).toEqual([null, null]);
  const bad = await home.call('token', 'create', 'x', '--expires', '90');
  expect([bad.exitCode, bad.stderr]).toEqual([2, expect.stringContaining('a number needs its unit (try 90s)')]);
  const scope = await home.call('token', 'create', 'x', '--scope', 'planet:mars');
  expect([scope.exitCode, scope.stderr]).toEqual([2, expect.stringContaining('"planet:mars" is no scope')]);
});
