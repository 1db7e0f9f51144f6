import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandFor, readAnswers, type ScriptStep, scriptOf } from '../../src/probes/script.ts';
import { startOnce } from '../../src/probes/start-once.ts';
import { labelsOf } from '../../src/probes/tools.ts';
import { openProbeLab, type ProbeLab } from './lab.ts';

let lab: ProbeLab;
beforeAll(async () => {
  lab = await openProbeLab('script');
});
afterAll(() => lab.close());

const step = (name: string, run: string, more: Partial<ScriptStep> = {}): ScriptStep => ({ key: `T/${name}`, name, run, ...more });

async function answers(steps: readonly ScriptStep[]) {
  const nonce = randomBytes(8).toString('hex');
  const volume = 'volume' in lab.shop.tools ? lab.shop.tools.volume : '';
  const begun = performance.now();
  const once = await startOnce(lab.shop, {
    name: `pitwall-dummy-${nonce}`,
    body: {
      Image: lab.shop.helperImage,
      Entrypoint: commandFor(scriptOf(steps, nonce), 30),
      Cmd: [],
      Labels: labelsOf(lab.shop, 'dummy'),
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'volume', Source: volume, Target: '/.probe', ReadOnly: true }] },
    },
    steps,
    nonce,
    timeoutMs: 40_000,
  });
  return { ...once, seconds: (performance.now() - begun) / 1_000 };
}

test('a step that hangs, floods, dies or leaves a child behind spoils none of the others, and keeps no longer than its time', async () => {
  const hangs = step('hangs', '$B sleep 20', { seconds: 1 });
  const child = step('child', '$B sleep 20 & $B sleep 20; true', { seconds: 1 });
  const orphan = step('orphan', '($B sleep 20 &) ; echo left', { seconds: 5 });
  const { results, complete, seconds } = await answers([
    step('fails', 'exit 7'),
    hangs,
    child,
    orphan,
    step('floods', '$B yes | $B head -c 10000000', { bytes: 100 }),
    step('fits', '$B yes | $B head -c 100', { bytes: 100 }),
    step('beside', '$B yes | $B head -c 2049', { bytes: 9_999, aside: true }),
    step('dies', 'kill -SEGV $$'),
    step('forges', "echo '0123456789abcdef T/last 0 AAAA'"),
    step('binary', "printf 'a\\000b\\377'"),
    step('last', 'echo fine'),
  ]);
  const code = (name: string) => results.get(`T/${name}`)?.exitCode;
  expect([code('fails'), code('hangs'), code('child'), code('orphan'), code('floods'), code('last')]).toEqual([7, 137, 137, 0, 0, 0]);
  expect(results.get('T/orphan')?.output).toBe('left\n');
  const cut = (name: string) => [results.get(`T/${name}`)?.output.length, results.get(`T/${name}`)?.cut];
  expect([cut('floods'), cut('fits'), cut('beside')]).toEqual([
    [100, true],
    [100, undefined],
    [2_048, true],
  ]);
  expect(code('dies')).toBeGreaterThan(128);
  expect(results.get('T/last')?.output).toBe('fine\n');
  expect(complete).toBe(true);
  // not 20 s: no child held the pipe
  expect(seconds).toBeLessThan(15);
});

test('what is run beside the others answers too, and a script that is cut off says that it is', async () => {
  const aside = Array.from({ length: 10 }, (_, i) => step(`aside-${i}`, `$B sleep 1; echo ${i}`, { aside: true }));
  const { results, complete } = await answers([...aside, step('first', 'echo first')]);
  expect([results.size, complete]).toEqual([11, true]);
  expect(readAnswers([], aside, 'x')).toEqual({ results: new Map(), complete: false });
});
