/** `pitwall report` as it is built, on runs that were really made. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { busybox, docker, type Fixture, fixture } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

const drill = `name: sandbox
kind: adversarial-probe
targets: { compose: { project: any } }
params:
  probes: [PRV-01, PRV-07, SEC-01, RES-02]
  selfTest: off
  waivers: [{ probe: RES-02, service: web, reason: "the </pre><b>new</b> host has none", owner: ana, until: ${day(10)} }]
`;

const compose = `services:
  web:
    image: ${busybox}
    cap_add: [SYS_ADMIN]
    environment: { DB_PASSWORD: "correct-horse-battery" }
`;

let box: Fixture;
let tools: string;
let one: Pitwall;
let run: string;
beforeAll(async () => {
  box = fixture();
  tools = mkdtempSync(join(tmpdir(), 'pitwall-tools-'));
  // this machine may have no static busybox for the helper image; the fixture has
  const id = await docker('create', '--label', box.label, busybox);
  await docker('cp', '-L', `${id}:/bin/busybox`, join(tools, 'busybox'));
  one = pitwall();
  mkdirSync(join(one.home, 'helper'), { recursive: true });
  copyFileSync(join(tools, 'busybox'), join(one.home, 'helper', 'busybox'));
  one.file('sandbox.yaml', drill);
  one.file('compose.yml', compose);
  run = (await one.run('sandbox.yaml', '--compose', 'compose.yml')).record.id;
});
afterAll(async () => {
  one?.[Symbol.dispose]();
  rmSync(tools, { recursive: true, force: true });
  await box[Symbol.asyncDispose]();
});

function day(ahead: number): string {
  return new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
}

test('a run: what was found, what to do, what was not asked, in every format; no secret in any', async () => {
  const answer = await one.call('report', run, '--out', 'out', '--format', 'html,md,json,csv,chaostoolkit', '--json');
  expect({ exitCode: answer.exitCode, stderr: answer.stderr }).toEqual({ exitCode: 0, stderr: '' });
  const { folder, files } = JSON.parse(answer.stdout) as { folder: string; files: { path: string; mediaType: string }[] };
  expect(folder).toBe(join(one.home, 'out'));
  expect(files.map(({ path }) => path.slice(folder.length + 1))).toEqual([
    'report.html',
    'report.md',
    'report.json',
    'runs.csv',
    'measurements.csv',
    'findings.csv',
    'journal.json',
  ]);
  const texts = new Map(files.map(({ path }) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
  const report: Report = reportSchema.parse(JSON.parse(texts.get('report.json') ?? ''));
  expect(report.problems.map(({ state, item, subject }) => `${state} ${item} ${subject}`)).toEqual([
    'broken PRV-01 web',
    'broken SEC-01 web',
  ]);
  expect(report.waived.map(({ item, waivedUntil }) => [item, waivedUntil?.slice(0, 10)])).toEqual([['RES-02', day(11)]]);
  expect(report.held.map(({ item }) => item)).toContain('PRV-07');
  expect(report.notTested[0]?.what).toMatch(/^\d+ of \d+ probes$/);
  expect(report.method.find(({ what }) => what === 'Self-test')?.how).toContain('None was made');
  const html = texts.get('report.html') ?? '';
  expect(html).toContain('Hand it over as a file');
  expect(html).toContain(`up to and with ${day(10)}`);
  expect(html).toContain('&lt;/pre>&lt;b>new&lt;/b> host');
  for (const [name, text] of texts) expect(text, name).not.toContain('correct-horse');
});

test('without a run: the last 30 days, on its own in the home; a format that days have not, and a run that is none', async () => {
  const answer = await one.call('report');
  expect(answer.exitCode).toBe(0);
  expect(answer.stdout).toMatch(/^From \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d 1 run of 1 drill ended: 1 failed\./);
  const [id = ''] = readdirSync(join(one.home, 'reports'));
  expect(id).toMatch(/^report-[\d-]+-to-[\d-]+$/);
  expect(readdirSync(join(one.home, 'reports', id)).toSorted()).toEqual(['meta.json', 'report.html']);
  const wrong = [
    [['--format', 'chaostoolkit'], 'a journal of one run'],
    [['01ZZZZZZZZZZZZZZZZZZZZZZZZ'], 'there is no run 01ZZZZZZZZZZZZZZZZZZZZZZZZ'],
    [[run, '--since', '3d'], 'RUN and --since exclude each other'],
  ] as const;
  const refused = await Promise.all(wrong.map(([flags]) => one.call('report', ...flags, '--out', 'never')));
  for (const [i, { exitCode, stderr }] of refused.entries())
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(wrong[i]?.[1] ?? '')]);
  expect(readdirSync(one.home)).not.toContain('never');
  writeFileSync(join(one.home, 'a-file'), '');
  const failed = await one.call('report', '--out', 'a-file');
  expect([failed.exitCode, failed.stderr]).toEqual([1, expect.stringContaining('a-file could not be written')]);
});
