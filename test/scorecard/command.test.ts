import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openAudit } from '../../src/access/audit.ts';
import { systemClock } from '../../src/clock.ts';
import { drillKinds } from '../../src/domain/words.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { type Pitwall, pitwall } from '../support/pitwall.ts';
import { daysAgo, inDays, type Practised, practise } from './practise.ts';
import { differences } from './recompute.mjs';

/** A home with every kind practised once, so many days ago. */
function home(days = 0, besides: readonly Practised[] = []): Pitwall {
  const own = pitwall();
  own.file('pitwall.yaml', 'drills: [none]\n');
  own.file('none/.keep', '');
  daysAgo(join(own.home, 'pitwall.db'), days, (store) => {
    for (const one of [...drillKinds.map((kind) => ({ kind })), ...besides]) practise(store, one);
  });
  return own;
}

function opened<T>({ home: folder }: Pitwall, work: (store: Store) => T): T {
  const store = openStore({ path: join(folder, 'pitwall.db'), clock: systemClock });
  try {
    return work(store);
  } finally {
    store.close();
  }
}

const hole = { kind: 'lifecycle', drill: 'ends', service: 'api', probe: 'LC-01', state: 'broken', severity: 'critical' } as const;
const waived = { kind: 'segmentation', drill: 'walls', probe: 'NET-05', state: 'broken', waivedUntil: inDays(30) } as const;

test('says the grade, its caps, what changed, the areas and the services, the worst first; the card is kept as that of its day', async () => {
  using own = home(0, [hole]);
  const { exitCode, stdout } = await own.call('scorecard', '--min-grade', 'F', '--badge', 'badge.svg');
  expect(exitCode).toBe(0);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^C {2}proven 9\d(\.\d)?%, coverage 100%$/);
  expect(stdout).toContain('at most C: critical and broken: LC-01 what holds (api)');
  const at = (start: string) => {
    const found = lines.findIndex((line) => line.startsWith(start));
    expect(found, start).toBeGreaterThan(0);
    return found;
  };
  expect(at('CHANGE\t')).toBeLessThan(at('AREA\t'));
  expect(at('AREA\t')).toBeLessThan(at('SERVICE\t'));
  expect(lines[at('SERVICE\t') + 1]).toMatch(/^api\tF\t/);
  expect(lines[at('sandbox\t')]).toMatch(/^sandbox\t20\tA\+\t██████████ {3}100%\t/);
  expect(readFileSync(join(own.home, 'badge.svg'), 'utf8')).toMatch(/^<svg .*>C<.*<\/svg>\n$/);
  expect(opened(own, (store) => store.scorecards.history(2, Date.now()))).toMatchObject([{ grade: 'C', coverage: 1 }]);
});

test('--items --json is all that a script of its own needs to recompute it', async () => {
  using own = home(3, [hole, waived]);
  const { stdout } = await own.call('scorecard', '--items', '--json');
  const card = JSON.parse(stdout);
  expect(differences(card)).toEqual([]);
  expect(card).toMatchObject({ rubric: '2026-11', grade: 'C*', waivers: [{ item: 'NET-05', until: waived.waivedUntil }] });
});

test('--min-grade: 0 when it is met, 1 when it is not, 3 when that is so only because proof has aged', async () => {
  using aged = home(40);
  using broken = home(40, [hole]);
  const [old, met, worse] = await Promise.all([
    aged.call('scorecard', '--min-grade', 'B'),
    aged.call('scorecard', '--min-grade', 'F'),
    broken.call('scorecard', '--min-grade', 'B'),
  ]);
  expect([old, met, worse].map(({ exitCode }) => exitCode)).toEqual([3, 0, 1]);
  expect(old.stdout).toContain('is worse than B, only because proof has aged: it was A+; practise again');
});

test('--service is one alone, with its own grade; --retire forgets it: with a reason, in the audit log, and nothing else', async () => {
  using own = home(0, [hole]);
  const [web, api, none, unsaid] = await Promise.all([
    own.call('scorecard', '--service', 'web', '--json', '--min-grade', 'A'),
    own.call('scorecard', '--service', 'api', '--min-grade', 'D'),
    own.call('scorecard', '--service', 'wab'),
    own.call('scorecard', '--retire', 'api'),
  ]);
  expect([web, api, none, unsaid].map(({ exitCode }) => exitCode)).toEqual([0, 1, 2, 2]);
  expect(JSON.parse(web.stdout)).toMatchObject({ service: 'web', grade: 'A+', changes: [], waivers: [] });
  expect(api.stdout).toContain('LC-01 what holds (api) was found broken when first asked');
  expect(none.stderr).toContain('try: pitwall scorecard --service web');

  const retired = await own.call('scorecard', '--retire', 'api', '--reason', 'it was shut down', '--json');
  expect({ exitCode: retired.exitCode, said: JSON.parse(retired.stdout) }).toEqual({ exitCode: 0, said: { service: 'api', forgotten: 1 } });
  opened(own, (store) => {
    expect(store.proofs.ofSubject('api')).toEqual([]);
    expect(store.proofs.ofSubject('web').length).toBe(drillKinds.length);
    expect(openAudit(store).list({ limit: 5 })).toEqual([
      expect.objectContaining({ act: 'scorecard retire', object: 'api', data: { reason: 'it was shut down' } }),
    ]);
    expect(store.runs.list({ limit: 100, drill: 'ends' })).toHaveLength(1);
  });
});

test('--retire-drill forgets a drill that is gone, its verdict too; one of the catalogue is to be run', async () => {
  using own = home(0, [hole]);
  own.file('none/there.yaml', 'name: lifecycle\nkind: lifecycle\ntargets: { compose: { project: shop } }\n');
  const [there, retired] = await Promise.all([
    own.call('scorecard', '--retire-drill', 'lifecycle', '--reason', 'it is red'),
    own.call('scorecard', '--retire-drill', 'ends', '--reason', 'renamed', '--json'),
  ]);
  expect(there).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('it is in the catalogue') });
  expect(JSON.parse(retired.stdout)).toEqual({ drill: 'ends', forgotten: 2 });
  opened(own, (store) => expect(store.proofs.all().map(({ drill }) => drill)).toEqual([...drillKinds, ...drillKinds].toSorted()));
});

test('flags that do not go together, and files that are not to be written, are refused', async () => {
  using own = home();
  const database = statSync(join(own.home, 'pitwall.db')).ino;
  const wrong = [
    ['--min-grade', 'E'],
    ['--items'],
    ['--retire', 'web', '--badge', 'x'],
    ['--retire', 'web', '--retire-drill', 'x', '--reason', 'y'],
    ['--badge', 'missing/b.svg'],
    ['--badge', 'pitwall.db'],
  ];
  const answers = await Promise.all(wrong.map((flags) => own.call('scorecard', ...flags)));
  expect(answers.map(({ exitCode }) => exitCode)).toEqual(wrong.map(() => 2));
  expect(statSync(join(own.home, 'pitwall.db')).ino).toBe(database);
});

test('the day’s card is that of serve: the command keeps one only where there is none and no serve', async () => {
  using own = home();
  const kept = () => opened(own, (store) => store.scorecards.history(1, Date.now()).map(({ grade }) => grade));
  opened(own, (store) => store.scorecards.save({ at: Date.now(), rubric: '2026-11', grade: 'F', proven: 0, coverage: 0, areas: {} }));
  expect((await own.call('scorecard')).exitCode).toBe(0);
  expect(kept()).toEqual(['F']);

  using served = home();
  const store = openStore({ path: join(served.home, 'pitwall.db'), clock: systemClock });
  const serve = store.processes.register('serve');
  expect((await served.call('scorecard')).exitCode).toBe(0);
  expect(store.scorecards.history(1, Date.now())).toEqual([]);
  serve.release();
  expect((await served.call('scorecard')).exitCode).toBe(0);
  expect(store.scorecards.history(1, Date.now())).toMatchObject([{ grade: 'A+' }]);
  store.close();
});
