import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ScorecardItem } from '../../src/scorecard/items.ts';
import { docker, type Fixture, fixture, recycleDrill } from '../support/containers.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';

let box: Fixture;
let home: Pitwall;
beforeEach(async () => {
  box = fixture();
  await box.run('a');
  home = pitwall();
  // with it, the catalogue is the folder drills beside it
  home.file('pitwall.yaml', 'api: { port: 0 }\n');
});
afterEach(async () => {
  home[Symbol.dispose]();
  await box[Symbol.asyncDispose]();
});

const items = async () => (JSON.parse((await home.call('scorecard', '--items', '--json')).stdout) as { items: ScorecardItem[] }).items;

test('a file that goes by the name of a drill of the catalogue proves nothing of it, and says so', async () => {
  home.file('drills/recycle.yaml', recycleDrill(box, { params: 'mode: restart' }));
  const other = home.file('other.yaml', recycleDrill(box));
  const { stderr } = await home.call('run', other);
  expect(stderr).toContain('recycle: the catalogue has another drill of this name, so what this one finds does not count in the scorecard');
  expect(await items()).toEqual([]);
  // the catalogue's own, by its file as by its name
  expect((await home.call('run', 'drills/recycle.yaml')).stderr).not.toContain('does not count');
  expect((await items()).map(({ item, drill, state }) => [item, drill, state])).toContainEqual(['verdict', 'recycle', 'holds']);
});

test('a file of which the catalogue knows nothing counts under its own name', async () => {
  await home.call('run', home.file('new.yaml', recycleDrill(box, { name: 'new-one' })));
  expect((await items()).some(({ drill }) => drill === 'new-one')).toBe(true);
});

test('a container that is still there stays broken when the drill selects it no more, and is mended by the others when it is gone', async () => {
  // this machine may have no static busybox for the helper image; the fixture has
  mkdirSync(join(home.home, 'helper'));
  await docker('cp', '-L', `${box.name('a')}:/bin/busybox`, join(home.home, 'helper/busybox'));
  const web = ['--label', `com.docker.compose.project=${box.id}`, '--label', 'com.docker.compose.service=web'];
  await box.run('good', ...web, '--label', 'clean=yes', '--cap-drop', 'ALL');
  await box.run('bad', ...web, '--label', 'clean=no', '--cap-add', 'SYS_ADMIN');
  const run = async (labels: string) => {
    const targets = `targets: { labels: { ${labels} } }`;
    const params = 'params: { probes: [PRV-01], selfTest: off }';
    home.file('drills/probe.yaml', `name: probe\nkind: adversarial-probe\n${targets}\n${params}\n`);
    await home.call('run', 'probe');
    return (await items()).find(({ item, service }) => item === 'PRV-01' && service === 'web')?.state;
  };
  expect(await run(`com.docker.compose.project: ${box.id}`)).toBe('broken');
  expect(await run(`com.docker.compose.project: ${box.id}, clean: "yes"`)).toBe('broken');
  await docker('rm', '-f', box.name('bad'));
  expect(await run(`com.docker.compose.project: ${box.id}, clean: "yes"`)).toBe('holds');
});
