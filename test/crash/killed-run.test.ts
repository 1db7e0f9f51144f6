import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recreateSteps } from '../../src/container/recreate/change.ts';
import { docker, type Fixture, fixture, recycleDrill } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

const script = fileURLToPath(new URL('./killed-run.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

let box: Fixture;
let home: Pitwall;

beforeAll(async () => {
  box = fixture();
  home = pitwall();
  await docker('volume', 'create', '--label', box.label, box.name('data'));
  await docker('network', 'create', '--label', box.label, box.name('one'));
  await docker('network', 'create', '--label', box.label, box.name('two'));
  await box.run(
    'db',
    '--network',
    box.name('one'),
    '--restart',
    'unless-stopped',
    '-v',
    `${box.name('data')}:/data`,
    '--',
    'sh',
    '-c',
    'trap "exit 0" TERM; echo $HOSTNAME >> /data/starts; while :; do sleep 1 & wait $!; done',
  );
  await docker('network', 'connect', box.name('two'), box.name('db'));
  home.file('drill.yaml', recycleDrill(box));
});
afterAll(async () => {
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

function killedAt(place: string, step: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, ['--import', tsx, script, 'drill.yaml', place, step], {
    cwd: home.home,
    env: { ...process.env, PITWALL_HOME: home.home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
}

const steps = ['open', ...recreateSteps, 'close'];
// a step's action lies between its own entry and the next one: killed before the next is killed after the action. Every step is tried in
// test/recreate/killed.test.ts; here, through the whole command, some, and all where there is time
const all = process.env.PITWALL_TEST_FULL !== undefined;
const cases = [
  ...(all ? steps : ['stop']).map((step) => ['after', step] as const),
  ...(all ? steps : ['stop', 'start', 'remove-old', 'close']).map((step) => ['before', step] as const),
];

test.for(cases)(
  'killed %s "%s" is written: after recover the service runs, exactly once, with its data',
  async ([place, step], { skip }) => {
    const startsBefore = await docker('exec', box.name('db'), 'cat', '/data/starts');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const signal = await killedAt(place, step);
    if (step === 'connect' && signal === null) skip('from API 1.44 on a container is created with all its networks: there is no such step');
    expect(signal).toBe('SIGKILL');

    const recovered = await home.call('recover');
    expect([recovered.exitCode, recovered.stderr]).toEqual([0, '']);

    expect(await box.all()).toEqual([box.name('db')]);
    expect(await box.running()).toEqual([box.name('db')]);
    const [state] = JSON.parse(await docker('inspect', box.name('db'))) as {
      HostConfig: { RestartPolicy: { Name: string } };
      State: { Status: string };
    }[];
    expect(state?.HostConfig.RestartPolicy.Name).toBe('unless-stopped');
    expect(await docker('exec', box.name('db'), 'cat', '/data/starts')).toContain(startsBefore);

    const [last] = JSON.parse((await home.call('runs', '--limit', '1', '--json')).stdout) as { verdict: string }[];
    expect(last?.verdict).toBe('aborted');
    expect((await home.call('recover')).stdout).toBe('nothing to recover\n');
  },
);
