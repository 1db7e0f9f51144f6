import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunRecord } from '../../src/domain/words.ts';
import { type Fixture, fixture, recycleDrill } from '../support/containers.ts';
import { type CutSocket, cutSocket } from '../support/cut-socket.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

let box: Fixture;
let home: Pitwall;
let socket: CutSocket;

beforeEach(async () => {
  box = fixture();
  await box.run('a', '--restart', 'unless-stopped');
  socket = await cutSocket();
  home = pitwall();
  home.file('pitwall.yaml', `engines: [ { name: cut, host: "${socket.host}", environment: ci } ]\n`);
  home.file('drill.yaml', recycleDrill(box));
  await new Promise((resolve) => setTimeout(resolve, 1_100));
});
afterEach(async () => {
  await socket[Symbol.asyncDispose]();
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

test.for(['/create?', '/stop', '/rename', '/start'])(
  'the engine is away for a moment at %s: put back or finished, nothing left',
  async (call) => {
    const running = home.start('run', 'drill.yaml', '--json');
    await socket.saw(call);
    await socket.cut();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await socket.mend();
    const answer = await running.ended;
    const record = JSON.parse(answer.stdout) as RunRecord;
    // an engine that comes back in time may be used on; then the run passed
    expect([`${record.verdict}`, answer.exitCode]).toEqual(record.verdict === 'passed' ? ['passed', 0] : ['error', 6]);
    expect(record.residue).toEqual([]);
    expect(await box.all()).toEqual([box.name('a')]);
    expect(await box.running()).toEqual([box.name('a')]);
  },
);

test('the engine is gone before: error 6, and the run is on record', async () => {
  await socket.cut();
  const { exitCode, record } = await home.run('drill.yaml');
  expect([exitCode, record.verdict]).toEqual([6, 'error']);
});

// the undo waits two minutes for an engine that may come back
test.runIf(process.env.PITWALL_TEST_FULL)(
  'the engine stays away: residue and 5, and recover puts it back once it answers',
  { timeout: 200_000 },
  async () => {
    const running = home.start('run', 'drill.yaml', '--json');
    await socket.saw('/stop');
    await socket.cut();
    const answer = await running.ended;
    const record = JSON.parse(answer.stdout) as RunRecord;
    expect([record.verdict, answer.exitCode]).toEqual(['error', 5]);
    expect(record.residue.join()).toMatch(/pitwall recover/);
    expect((await home.call('recover')).exitCode).toBe(6);
    await socket.mend();
    expect((await home.call('recover')).exitCode).toBe(0);
    expect(await box.all()).toEqual([box.name('a')]);
    expect(await box.running()).toEqual([box.name('a')]);
    expect((JSON.parse((await home.call('show', record.id, '--json')).stdout) as RunRecord).residue).toEqual([]);
  },
);
