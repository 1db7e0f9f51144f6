import { expect, test } from 'vitest';
import { docker } from '../support/containers.ts';
import { freezeLab } from './support.ts';

test('a file of holes does not fill the disk of the engine: its layer is not committed, and that is said', async () => {
  await using lab = freezeLab();
  const work = 'dd of=/holes bs=1 count=0 seek=4398046511104 2>/dev/null; trap "exit 0" TERM; while :; do sleep 1; done';
  const id = (await lab.box.run('holes', '--', 'sh', '-c', work)).trim();
  await expect.poll(async () => (await docker('exec', id, 'stat', '-c', '%s', '/holes')).trim()).toBe(String(4 * 2 ** 40));
  const { exitCode, record, cases } = await lab.freeze(id, '--disposition', 'resume');
  expect(exitCode).toBe(3);
  expect(record.reason).toMatch(
    /disk missing \(its writable layer takes 4 TiB once the holes of its files are written out, and .* are free/,
  );
  expect(cases[0]).toMatchObject({ state: 'partial', committedImage: null });
  await lab.consistent();
  expect((await docker('inspect', '-f', '{{.State.Status}}', id)).trim()).toBe('running');
});
