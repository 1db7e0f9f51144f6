import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { Disposition } from '../../src/domain/evidence.ts';
import type { CaseVerification } from '../../src/forensics/service.ts';
import { docker } from '../support/containers.ts';
import { busy, type FreezeLab, freezeLab, stateOf } from './support.ts';

const script = fileURLToPath(new URL('./support-killed.ts', import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const full = process.env.PITWALL_TEST_FULL === '1';

/** Every place that a freeze passes, in order. */
const always = [
  'engine:before:pause',
  'engine:after:pause',
  'event:frozen',
  'event:captured:memory',
  'event:captured:network',
  'engine:before:commit',
  'engine:after:commit',
  'event:captured:disk',
  'event:captured:tmpfs',
  'event:disposition',
  'write:manifest.json',
  'write:statement.dsse.json',
  'write:index.json',
  'row:before',
  'row:after',
  'close:before',
  'close:after',
] as const;
const ofDisposition: Readonly<Record<Disposition, readonly string[]>> = {
  keep: [],
  resume: ['engine:before:unpause', 'engine:after:unpause'],
  quarantine: ['engine:after:disconnect'],
  replace: ['engine:after:rename', 'engine:after:disconnect', 'engine:after:create', 'engine:after:start'],
};
/** Of those that are the same for all, what is worth it for each without `--full`. */
const few: Readonly<Record<Disposition, readonly string[]>> = {
  keep: ['engine:after:pause', 'event:captured:memory', 'write:statement.dsse.json'],
  resume: ['event:disposition', 'row:before'],
  quarantine: [],
  replace: ['event:disposition'],
};
const places = (Object.keys(ofDisposition) as Disposition[]).flatMap((disposition) =>
  [...(full ? always : few[disposition]), ...ofDisposition[disposition]].map((place) => [disposition, place] as const),
);

function killedAt(lab: FreezeLab, name: string, disposition: Disposition, place: string): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, ['--import', tsx, script, name, disposition, place], {
    cwd: lab.home.home,
    env: { ...process.env, PITWALL_HOME: lab.home.home },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
}

const byOthers = ['event:frozen', 'event:captured:network', 'event:disposition', 'row:before'] as const;
test.concurrent.for(full ? byOthers : byOthers.slice(1, 3))(
  'frozen by somebody else and to be resumed, killed at %s: after recover it is left paused',
  async (place) => {
    await using lab = freezeLab();
    await lab.box.runPlain('web', '--', ...busy);
    await docker('pause', lab.box.name('web'));
    expect(await killedAt(lab, lab.box.name('web'), 'resume', place)).toBe('SIGKILL');
    const recovered = await lab.home.call('recover');
    expect([recovered.exitCode, recovered.stderr]).toEqual([0, '']);
    await lab.consistent(lab.box.name('web'));
    expect(lab.cases()[0]?.hold).toMatchObject({ state: 'released', foreign: true, ending: expect.stringContaining('left paused') });
  },
);

test.concurrent.for(places)(
  '%s, killed at %s: after recover target and evidence are where they belong',
  async ([disposition, place], { skip }) => {
    await using lab = freezeLab();
    const { box, home } = lab;
    const name = box.name('web');
    await docker('network', 'create', '--label', box.label, box.name('net'));
    await box.runPlain('web', '--network', box.name('net'), '--', ...busy);
    const id = await docker('inspect', '--format', '{{.Id}}', name);
    const signal = await killedAt(lab, name, disposition, place);
    if (place.endsWith(':disconnect') && disposition === 'replace' && signal === null) skip('it needed no disconnect');
    expect(signal).toBe('SIGKILL');

    const recovered = await home.call('recover');
    expect([recovered.exitCode, recovered.stderr]).toEqual([0, '']);
    await lab.consistent();
    const [one, ...more] = lab.cases();
    expect(more).toEqual([]);
    if (one === undefined) throw new Error('there is no case');
    const unfrozen = place === 'engine:before:pause';
    const all = await box.all();
    if (unfrozen) {
      expect([one.hold?.ending, await stateOf(name), all]).toEqual(['never frozen', 'running', [name]]);
    } else if (disposition === 'resume') {
      expect([one.hold?.state, one.hold?.ending, await stateOf(name), all]).toEqual(['released', 'resumed', 'running', [name]]);
    } else {
      expect([one.hold?.state === 'held' || one.hold?.state === 'quarantined', await stateOf(id)]).toEqual([true, 'paused']);
      expect(one.hold?.deadline).toBeGreaterThan(Date.now());
      // the service has one container under its name, or the frozen one is it
      expect(all.length).toBeLessThanOrEqual(2);
      if (all.length === 2)
        expect([disposition, await stateOf(name), one.hold?.containerName]).toEqual([
          'replace',
          'running',
          all.find((other) => other !== name),
        ]);
      const networks = await docker('inspect', '--format', '{{len .NetworkSettings.Networks}}', id);
      expect([one.hold?.state, networks]).toEqual(disposition === 'keep' || networks === '1' ? ['held', '1'] : ['quarantined', '0']);
    }
    const sealed = place.startsWith('row') || place.startsWith('close');
    expect(one.state).toBe(sealed ? 'whole' : 'partial');
    if (one.bytes > 0) {
      const verified = JSON.parse((await home.call('evidence', 'verify', one.id, '--json')).stdout) as CaseVerification;
      expect([verified.ok, verified.problems]).toEqual([true, []]);
    } else {
      expect(['engine:before:pause', 'engine:after:pause', 'event:frozen']).toContain(place);
    }
    // what was committed can be looked into, whatever became of the rest
    const images = await docker('images', '-q', '--no-trunc', '--filter', `label=pitwall.evidence=${one.id}`);
    if (/^(event:disposition|write|row|close)|unpause/.test(place)) expect([one.committedImage]).toEqual([images]);
    if (!full) return;
    expect((await home.call('recover')).stdout).toBe('nothing to recover\n');
    if (one.hold?.state !== 'released') {
      const released = await home.call('release', one.id, '--to', 'kill');
      expect([released.exitCode, released.stdout]).toEqual([0, `${one.hold?.containerName}: killed\n`]);
    }
  },
);
