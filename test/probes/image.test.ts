import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from '../../src/probes/catalogue.ts';
import { fixture } from '../helper/lab.ts';
import { openProbeLab, type ProbeLab } from './lab.ts';

const ids = catalogue.filter(({ group }) => group === 'image').map(({ id }) => id);

let lab: ProbeLab;
const images: string[] = [];
beforeAll(async () => {
  lab = await openProbeLab('image');
});
afterAll(async () => {
  for (const { id } of await lab.engine.list({ all: true, labels: [`pitwall.test=${lab.mark}`] }))
    await lab.engine.remove(id, { force: true });
  for (const image of images) await lab.engine.removeImage(image);
  await lab.close();
});

/** An image of what a command leaves; its history says the command. */
async function build(
  name: string,
  cmd: readonly string[],
  changes: readonly string[],
  options: { run: boolean; tag?: string },
): Promise<string> {
  const { id } = await lab.engine.create(`${lab.mark}-${name}`, { Image: fixture, Labels: lab.labels, Entrypoint: [], Cmd: cmd });
  if (options.run) {
    await lab.engine.start(id);
    expect(await lab.engine.wait(id)).toBe(0);
  }
  const made = await lab.engine.commit(id, {
    changes: [...changes, `LABEL pitwall.test="${lab.mark}"`, 'CMD ["/bin/sh", "-c", "while :; do sleep 3600; done"]'],
    ...(options.tag === undefined ? {} : { reference: options.tag }),
  });
  await lab.engine.remove(id, { force: true });
  images.push(made);
  return made;
}

test('every one of them that can be planted is seen red where its weakness is', async () => {
  const tested = await lab.selfTest(ids);
  const notPlanted = ['IMG-09', 'SUP-01', 'SUP-02', 'SUP-03', 'SUP-04'];
  expect(Object.fromEntries([...tested].map(([id, { outcome, reason }]) => [id, outcome === 'blind' ? reason : outcome]))).toEqual(
    Object.fromEntries(ids.map((id) => [id, notPlanted.includes(id) ? 'untested' : 'red'])),
  );
  expect(await lab.engine.images({ labels: [`pitwall.instance=${lab.instance}`, 'pitwall.role=weak'] })).toEqual([]);
});

test('hardened, default and weak containers get the answers that are right for them', async () => {
  const strip = [
    'for f in /bin/* /sbin/* /usr/bin/* /usr/sbin/*; do case "$f" in */busybox|*/sh|*/sleep) ;; *) [ -L "$f" ] && /bin/busybox rm -f "$f" ;; esac; done',
    'echo "{}" >/app.spdx.json; for t in nc wget apk dpkg; do [ ! -e "/bin/$t" ] || /bin/busybox rm "/bin/$t"; done; true',
  ].join('; ');
  const good = await build('good', ['sh', '-c', strip], ['USER 65534:65534'], { run: true });
  const hardened = await lab.run('hardened', {
    Image: good,
    Healthcheck: { Test: ['CMD-SHELL', '[ -d /proc/1 ] || exit 1'] },
    HostConfig: { ReadonlyRootfs: true, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], NetworkMode: 'none' },
  });
  const plain = await lab.run('default');
  const tag = `${lab.mark}-weak`;
  const add = ['/bin/sh', '-c', '#(nop)', 'ADD', 'https://example.invalid/app.tar', 'in', '/app'];
  const bad = await build('bad', add, ['USER 0'], { run: false, tag: `${tag}:latest` });
  const weak = await lab.run('weak', { Image: tag, HostConfig: { SecurityOpt: ['seccomp=unconfined'] } });
  await build('newer', add, [], { run: false, tag: `${tag}:latest` });
  expect((await lab.engine.inspect(weak)).Image).toBe(bad);

  const answers = async (container: string) => {
    const { evaluated } = await lab.probe(container, ids);
    return Object.fromEntries(evaluated.map(({ probe, answer }) => [probe.id, answer]));
  };
  const [one, two, three] = [await answers(hardened), await answers(plain), await answers(weak)];
  const image = ids.filter((id) => id.startsWith('IMG'));
  expect(image.map((id) => [id, one[id]?.state, two[id]?.state, three[id]?.state])).toEqual([
    ['IMG-01', 'holds', 'holds', 'broken'],
    ['IMG-02', 'holds', 'broken', 'broken'],
    // no image can be made to look old here: what is looked at later is, see the self-test
    ['IMG-03', 'holds', 'holds', 'holds'],
    ['IMG-04', 'not-applicable', 'holds', 'broken'],
    ['IMG-05', 'holds', 'broken', 'broken'],
    ['IMG-06', 'holds', 'broken', 'broken'],
    // the fixture's image was imported: its history says nothing
    ['IMG-07', 'holds', 'not-applicable', 'broken'],
    ['IMG-08', 'holds', 'broken', 'broken'],
    // made here: no registry has signed any of them
    ['IMG-09', 'not-applicable', 'not-applicable', 'not-applicable'],
    ['IMG-10', 'holds', 'broken', 'broken'],
  ]);
  // of the engine: the same for all three, and never what does not exist
  for (const id of ids.filter((one_) => /^SUP-0[1-4]$/.test(one_))) {
    expect([two[id], three[id]]).toEqual([one[id], one[id]]);
    expect(['holds', 'broken', 'inconclusive']).toContain(one[id]?.state);
  }
  // every one of them logs to a file of the engine's, as the suite's engine does by itself
  expect([one['SUP-05']?.state, two['SUP-05']?.state, three['SUP-05']?.state]).toEqual(['broken', 'broken', 'broken']);
});

test('a user whose name hides the number 0 is root, and one that is allowed is fine', async () => {
  const toor = await build('toor', ['sh', '-c', 'echo "toor:x:0:0::/:/bin/sh" >>/etc/passwd'], ['USER toor'], { run: true });
  const container = await lab.run('toor-1', { Image: toor });
  expect(await lab.ask(container, 'IMG-06')).toEqual(['broken', expect.stringContaining('toor, who is number 0')]);
  expect((await lab.ask(container, 'IMG-06', { allow: { user: ['toor'] } }))[0]).toBe('holds');
});

test('an old bill of materials is no better than none', async () => {
  const old = await build('old-sbom', ['sh', '-c', 'echo "{}" >/app.spdx.json; touch -d "2020-01-01 00:00:00" /app.spdx.json'], [], {
    run: true,
  });
  const container = await lab.run('old-sbom-1', { Image: old });
  expect(await lab.ask(container, 'IMG-10')).toEqual([
    'broken',
    expect.stringMatching(/\/app\.spdx\.json is \d+ days older than the image/),
  ]);
});

test('privileged, there is no dummy: what is in the image is not known, what the API says is', async () => {
  const { id } = await lab.engine.create(`${lab.mark}-privileged`, {
    Image: fixture,
    Labels: lab.labels,
    HostConfig: { Privileged: true, NetworkMode: 'none' },
  });
  const { evaluated } = await lab.probe(id, ['IMG-01', 'IMG-08', 'IMG-10']);
  expect(evaluated.map(({ answer }) => answer.state)).toEqual(['holds', 'inconclusive', 'inconclusive']);
});
