import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ScorecardItem } from '../../src/scorecard/items.ts';
import { type Fixture, fixture, recycleDrill } from '../support/containers.ts';
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
