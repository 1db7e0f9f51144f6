import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownLabels } from '../../src/container/own.ts';
import { sweep } from '../../src/container/sweep.ts';
import { fixture, type Lab, openLab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('sweep');
});
afterAll(() => lab.close());

const ended = '01JD000000000000000000ENDE';
const open = '01JD000000000000000000VPEN';

test('removes its own things that are past their expiry or of an ended run, of every type, and nothing else', async () => {
  const { engine, mark, instance } = lab;
  const now = Date.now();
  const labelled = (runId: string, expiresAt = now + 60_000, given = {}) => ({
    ...ownLabels({ runId, role: 'test', instance, expiresAt }),
    ...lab.labels,
    ...given,
  });
  const container = (name: string, Labels: Record<string, string>, body = {}) =>
    engine.create(`${mark}-${name}`, { Image: fixture, Labels, ...body });

  const gone = await container('ended', labelled(ended), { Volumes: { '/scratch': {} } });
  await engine.start(gone.id);
  const anonymous = (await engine.inspect(gone.id)).Mounts[0]?.Name ?? '';
  await container('expired', labelled(open, now - 1));
  await engine.createNetwork(`${mark}-ended`, { Labels: labelled(ended) });
  await engine.createVolume(`${mark}-ended`, labelled(ended));

  await container('in-use', labelled(open));
  await container('evidence', labelled(ended, now - 1, { 'pitwall.evidence': 'ev_1' }));
  await container('other', labelled(ended, now - 1, { 'pitwall.instance': `${instance}-2` }));
  await container('no-date', labelled(ended, now, { 'pitwall.expires': 'yesterday' }));
  await container('no-run', labelled(ended, now - 1, { 'pitwall.run': '../etc' }));
  await container('three', labelled(ended, now - 1, { 'pitwall.role': '' }));
  // The user's own, of the same name pattern, with no label of ours.
  await container('theirs', lab.labels);
  await engine.createVolume(`${mark}-held`, labelled(ended));
  await container('holder', lab.labels, { HostConfig: { Binds: [`${mark}-held:/data`] } });

  const asked: string[] = [];
  const isEnded = (runId: string) => {
    asked.push(runId);
    return runId === ended;
  };
  const swept = await sweep(engine, { instance, allInstances: false, now, isEnded });
  const mine = ({ name }: { name: string }) => name.startsWith(mark);
  expect(
    swept.removed
      .filter(mine)
      .map(({ type, name }) => `${type} ${name.slice(mark.length + 1)}`)
      .sort(),
  ).toEqual(['container ended', 'container expired', 'network ended', 'volume ended']);
  const kept = Object.fromEntries(swept.kept.filter(mine).map(({ name, reason }) => [name.slice(mark.length + 1), reason]));
  expect(kept).toEqual({
    'in-use': expect.stringMatching(/^it is in use until /),
    evidence: expect.stringContaining('evidence'),
    other: expect.stringContaining('another instance'),
    'no-date': expect.stringContaining('no instant'),
    'no-run': expect.stringContaining('no run id'),
    three: expect.stringContaining('pitwall.role'),
  });
  expect(swept.failed.filter(mine).map(({ name, reason }) => [name.slice(mark.length + 1), reason])).toEqual([
    ['held', expect.stringContaining('could not be removed')],
  ]);
  expect(asked).not.toContain('../etc');
  const left = (await engine.list({ all: true, labels: [`pitwall.test=${mark}`] })).map(({ name }) => name.slice(mark.length + 1));
  expect(left.sort()).toEqual(['evidence', 'holder', 'in-use', 'no-date', 'no-run', 'other', 'theirs', 'three']);
  expect((await engine.volumes()).map(({ name }) => name)).not.toContain(anonymous);
  // A second sweep finds nothing to do.
  expect((await sweep(engine, { instance, allInstances: false, now, isEnded })).removed.filter(mine)).toEqual([]);
  for (const { id } of await engine.list({ all: true, labels: [`pitwall.test=${mark}`] })) await engine.remove(id, { force: true });
  await engine.removeVolume(`${mark}-held`);
});

test('the shared helper image outlives every run, and goes at its expiry', async () => {
  const { engine, instance } = lab;
  const now = Date.now();
  const { reference } = await lab.image({ build: await lab.build(), now });
  const all = { instance, allInstances: false, isEnded: () => true };
  expect((await sweep(engine, { ...all, now })).removed).toEqual([]);
  const { removed } = await sweep(engine, { ...all, now: now + 31 * 86_400_000 });
  expect(removed.map(({ type, name }) => ({ type, name }))).toEqual([{ type: 'image', name: reference }]);
  await expect(engine.inspectImage(reference)).rejects.toMatchObject({ code: 'image_gone' });
});
