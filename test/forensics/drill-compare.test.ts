import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownLabels } from '../../src/container/own.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { compareWithImage } from '../../src/forensics/compare-executables.ts';
import type { ExecutableRecord } from '../../src/forensics/records.ts';
import { connect } from '../helper/lab.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';

let box: Fixture;
let engine: Engine;
const instance = `compare-${randomBytes(4).toString('hex')}`;
const labels = ownLabels({ runId: '01JD00000000000000000000CP', role: 'compare', instance, expiresAt: Date.now() + 600_000 });

beforeAll(() => {
  box = fixture();
  engine = connect();
});
afterAll(async () => {
  const left = await docker('ps', '-aq', '--filter', `label=pitwall.instance=${instance}`);
  await engine.close();
  await box[Symbol.asyncDispose]();
  expect(left).toBe('');
});

test('tells the image’s own from what was changed, added, mounted, put back or never on a disk', async () => {
  await box.run('target', '-v', '/vol', '--', 'sh', '-c', 'exec sleep 600');
  const id = box.name('target');
  const shell = async (script: string) => {
    const { exitCode, stdout, stderr } = await engine.exec(id, ['sh', '-c', script]);
    expect(exitCode, stderr).toBe(0);
    return stdout.trim();
  };
  const own = await shell('readlink -f /proc/self/exe');
  const original = await shell(`sha256sum ${own} | cut -c1-64`);
  // the image's own file with a byte more, one that is new, one on a volume, and one that was touched but is the same
  await shell(`cp ${own} /tmp/keep && cp ${own} /tmp/busybox-more && printf x >> /tmp/busybox-more && cp /tmp/busybox-more /vol/busybox`);
  await shell(`/tmp/keep cp /tmp/keep /tmp/again || cp /tmp/keep /tmp/again; cp /etc/passwd /etc/passwd.x; mv /etc/passwd.x /etc/passwd`);
  const more = await shell('sha256sum /tmp/busybox-more | cut -c1-64');
  const passwd = await shell('sha256sum /etc/passwd | cut -c1-64');
  const record = (path: string, sha256: string, deleted = false): ExecutableRecord => ({ path, pids: [1], deleted, bytes: 1, sha256 });
  const inspect = await engine.inspect(id);
  const changes = await engine.changes(id);
  const compare = async (records: ExecutableRecord[], also = changes) =>
    (await compareWithImage(engine, inspect, records, also, { labels })).map(({ comparison, imageSha256 }) => [comparison, imageSha256]);
  expect(
    await compare([
      record(own, original),
      record('/tmp/busybox-more', more),
      record('/vol/busybox', more),
      record('/memfd:x', more),
      record('/etc/passwd', passwd),
      record('/etc/passwd', more),
    ]),
  ).toEqual([
    ['same', null],
    ['not-in-image', null],
    ['not-in-image', null],
    ['not-in-image', null],
    ['same', passwd],
    ['differs', passwd],
  ]);
  // replaced while it runs: the layer has the path, and what runs is what was there before, or not
  const replaced = [...changes, { path: own, kind: 'modified' as const }];
  expect(await compare([record(own, original, true), record(own, more)], replaced)).toEqual([
    ['same', original],
    ['differs', original],
  ]);
  // unlinked without the path being in the layer, as a lie would have it: it is looked at all the same
  expect(await compare([record(own, more, true)])).toEqual([['differs', original]]);
});

test('what is too large, or cannot be read, is unknown and not the same', async () => {
  await box.run('large', '--', 'sleep', '600');
  const inspect = await engine.inspect(box.name('large'));
  const { stdout } = await engine.exec(inspect.Id, ['readlink', '-f', '/proc/self/exe']);
  const path = stdout.trim();
  const one: ExecutableRecord = { path, pids: [1], deleted: false, bytes: 1, sha256: createHash('sha256').digest('hex') };
  const changes = [{ path, kind: 'modified' as const }];
  const [tooLarge] = await compareWithImage(engine, inspect, [one], changes, { labels, maxBytes: 10 });
  expect(tooLarge).toMatchObject({ comparison: null, reason: expect.stringContaining('larger than 10 bytes') });
  const gone = { ...inspect, Image: `sha256:${'0'.repeat(64)}` };
  const [unread] = await compareWithImage(engine, gone, [one], changes, { labels });
  expect(unread?.comparison).toBeNull();
});
