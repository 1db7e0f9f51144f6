/** A suspect on a real engine: found on its page, frozen there, its evidence read, and let go again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freezeLab } from '../forensics/support.ts';
import { docker } from '../support/containers.ts';
import { visit } from './browsing.ts';

test('a container is frozen from its page, its evidence is read, and it runs on when it is released there', async () => {
  await using lab = freezeLab();
  const { box, home } = lab;
  home.file('pitwall.yaml', 'api: { port: 0 }\n');
  home.file(
    'drills/age.yaml',
    `name: recycle\nkind: reverse-uptime\ntargets: { labels: { pitwall.test: ${box.id} } }\nparams: { maxUptime: 1ms }\n`,
  );
  const hostile = '\u202e<b>x';
  const id = await box.runPlain('suspect', '--', 'sh', '-c', `trap 'exit 0' TERM; while :; do sleep 1; done; : "${hostile}"`);
  const server = home.start('serve');
  try {
    let log = '';
    server.child.stdout?.on('data', (chunk: Buffer) => (log += chunk));
    await server.saw('"serving');
    const url = /"address":"([^"]+)"/.exec(log)?.[1] ?? '';
    const ana = await visit({ url }, readFileSync(join(home.home, 'token'), 'utf8').trim());

    const list = await ana.get(`/targets?q=${box.id}&show=over-age`);
    expect(list.text).toContain(`/targets/${id}`);
    expect(list.text).toContain('over by');

    const page = `/targets/${id}`;
    const frozen = await ana.send(page, `${page}/freeze`, { engine: 'local', reason: 'odd traffic', disposition: 'keep', memory: 'proc' });
    expect([frozen.status, frozen.headers.get('location')]).toEqual([303, expect.stringMatching(/^\/runs\/\w{26}$/)]);
    const run = frozen.headers.get('location') ?? '';
    await until(
      async () => JSON.parse((await ana.get(`/api/v1${run}`)).text) as { verdict: string | null; evidence: string[] },
      ({ verdict }) => verdict !== null,
    );
    const {
      evidence: [held],
    } = JSON.parse((await ana.get(`/api/v1${run}`)).text) as { evidence: string[] };
    expect(await docker('inspect', '-f', '{{.State.Status}}', id)).toBe('paused');
    expect((await ana.get(`/targets?q=${box.id}&show=frozen`)).text).toContain(`/evidence/${held}`);

    const evidence = `/evidence/${held}`;
    const shown = await ana.get(evidence);
    for (const part of ['odd traffic', 'intact', 'while :; do sleep 1', '‹U+202E›', 'The engine’s events'])
      expect(shown.text).toContain(part);
    expect(shown.text).not.toContain('<b>x');
    await ana.send(evidence, `${evidence}/verify`);
    await until(
      () => ana.get(evidence),
      ({ text }) => text.includes('files checked'),
    );

    await ana.send(evidence, `${evidence}/lease`, { lease: '3d' });
    expect((await ana.get(evidence)).text).toMatch(/frozen, (?:3 d|2 d 23 h)/);
    expect((await ana.send(evidence, `${evidence}/release`, { to: 'resume' })).status).toBe(303);
    expect(await docker('inspect', '-f', '{{.State.Status}}', id)).toBe('running');
    const after = await ana.get(evidence);
    expect(after.text).toContain('Released');
    expect(after.text).not.toContain(`${evidence}/release`);
    const acts = (await ana.get('/audit')).text;
    for (const act of ['freeze', 'evidence show', 'evidence verify', 'hold', 'release']) expect(acts).toContain(`<bdi>${act}</bdi>`);
  } finally {
    server.child.kill('SIGTERM');
    await server.ended;
  }
  await lab.consistent();
});

async function until<T>(look: () => Promise<T>, isDone: (seen: T) => boolean): Promise<void> {
  while (!isDone(await look())) await new Promise((resolve) => setTimeout(resolve, 100));
}
