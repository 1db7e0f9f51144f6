import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { FoundText } from '../../src/forensics/find-text.ts';
import type { CaseDetail } from '../../src/forensics/service.ts';
import { docker } from '../support/containers.ts';
import { freezeLab } from './support.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const secret = `secret-${randomBytes(8).toString('hex')}`;

/** With the text on standard input. */
function find(home: string, id: string, text: string) {
  return new Promise<{ exitCode: unknown; stdout: string }>((resolve) => {
    const args = [main, 'evidence', 'find', id, '-', '--json'];
    const child = execFile(process.execPath, args, { cwd: home, env: { ...process.env, PITWALL_HOME: home } }, (error, stdout) =>
      resolve({ exitCode: error === null ? 0 : error.code, stdout }),
    );
    child.stdin?.end(`${text}\n`);
  });
}

test('a text is found in the memory, the tmpfs and the deleted file that have it; open files are shown', async () => {
  await using lab = freezeLab();
  const { box, home } = lab;
  const hides =
    'until read s < /scratch/note; do sleep .1; done; exec 7>/tmp/gone; echo "$s" >&7; rm /tmp/gone; echo ready; sleep 3600 & wait';
  await box.runPlain('hides', '--tmpfs', '/scratch', '--', 'sh', '-c', hides);
  await docker('exec', box.name('hides'), 'sh', '-c', `echo ${secret} > /scratch/new; mv /scratch/new /scratch/note`);
  await expect.poll(() => docker('logs', box.name('hides'))).toContain('ready');
  const { exitCode, cases } = await lab.freeze(box.name('hides'), '--disposition', 'resume');
  const id = cases[0]?.id ?? '';
  expect(exitCode).toBe(0);

  const answer = await find(home.home, id, secret);
  expect([answer.exitCode, answer.stdout.includes(secret)]).toEqual([0, false]);
  const found = JSON.parse(answer.stdout) as FoundText;
  expect(found.notSearched).toEqual([]);
  const first = found.processes.find(({ pid }) => pid === 1);
  expect(first).toMatchObject({ command: 'sh' });
  // what a shell has read is in its heap
  expect(first?.places.map((place) => place.in?.kind)).toContain('heap');
  expect(found.files.map(({ path, kind }) => [path, kind])).toEqual([
    ['/tmp/gone', 'deleted'],
    ['/scratch/note', 'tmpfs'],
  ]);
  expect((await find(home.home, id, `not-${secret}`)).exitCode).toBe(1);

  const lines = (await home.call('evidence', 'show', id, '--files')).stdout;
  expect(lines).toContain(`1\t7\t/tmp/gone (deleted)\tfile, deleted, ${secret.length + 1} bytes\n`);
  const detail = JSON.parse((await home.call('evidence', 'show', id, '--json')).stdout) as CaseDetail;
  expect([detail.openFiles, detail.custody.slice(-2).map(({ what }) => what)]).toEqual([undefined, ['searched', 'searched']]);
  expect((await home.call('evidence', 'verify', id)).exitCode).toBe(0);
  await lab.consistent();
});
