import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AttachedBytes } from '../../src/domain/engine/streams.ts';
import type { Engine } from '../../src/domain/engine.ts';
import type { EvidenceSink } from '../../src/domain/evidence.ts';
import { openCollector, readFreezer } from '../../src/forensics/collect/collector.ts';
import { encodeHead } from '../../src/forensics/collect/frames.ts';
import type { TmpfsRecord } from '../../src/forensics/records.ts';
import { never, realClock } from '../checks/scope.ts';
import { type Lab, openLab } from '../helper/lab.ts';
import { memorySink } from './collect-lab.ts';

const execute = promisify(execFile);
let lab: Lab;
let image: string;
beforeAll(async () => {
  lab = await openLab('trouble');
  image = (await lab.image({ build: await lab.build() })).reference;
});
afterAll(() => lab.close());

async function frozen(name: string, script: string, tmpfs: Record<string, string> = {}) {
  const id = await lab.run(name, { Entrypoint: ['sh', '-c'], Cmd: [`${script}; echo ready; sleep 99999`], HostConfig: { Tmpfs: tmpfs } });
  for await (const { line } of lab.engine.logs(id, { follow: true })) if (line === 'ready') break;
  await lab.engine.pause(id);
  return lab.engine.inspect(id);
}

const open = (inspect: Awaited<ReturnType<typeof frozen>>, force: 'proc' | 'helper', engine: Engine = lab.engine) =>
  openCollector(engine, inspect, {
    clock: realClock,
    helper: async () => image,
    runId: '01JD0000000000000000000000',
    instance: lab.instance,
    signal: never,
    force,
  });

/** An engine whose helpers answer as they are told. */
function lying(answers: (send: (bytes: Buffer) => void, question: string) => void): Engine {
  const attachBytes = async (id: string): Promise<AttachedBytes> => {
    const real = await lab.engine.attach(id);
    const queue: (Buffer | null)[] = [];
    let wake = () => {};
    const send = (bytes: Buffer | null) => {
      queue.push(bytes);
      wake();
    };
    return {
      write: (question) => answers(send, String(question)),
      end: () => undefined,
      close: () => {
        send(null);
        real.close();
      },
      output: (async function* () {
        for (;;) {
          const next = queue.shift();
          if (next === null) return;
          if (next !== undefined) yield { stream: 'stdout' as const, data: next };
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      })(),
    };
  };
  return new Proxy(lab.engine, { get: (target, name) => (name === 'attachBytes' ? attachBytes : Reflect.get(target, name)) });
}

const frame = (type: Parameters<typeof encodeHead>[0], value: unknown) => {
  const body = Buffer.from(JSON.stringify(value));
  return Buffer.concat([encodeHead(type, body.length), body]);
};

test('contents beyond the limit are left out, and it says so', async () => {
  const inspect = await frozen(
    'limit',
    'dd if=/dev/urandom of=/t/a bs=1M count=3 2>/dev/null; echo b >/t/b; exec 9>/tmp/x; head -c 200000 /dev/zero >&9; rm /tmp/x',
    {
      '/t': 'rw',
    },
  );
  for (const force of ['proc', 'helper'] as const) {
    await using collector = await open(inspect, force);
    const sink = memorySink();
    const tmpfs = await collector.run({ step: 'tmpfs', maxBytes: 1 << 20 }, sink.sink, never);
    expect(tmpfs).toMatchObject({ state: 'partial', reason: `/t: ${(2 << 20) + 2} bytes of content are beyond the limit` });
    expect(tmpfs.share).toBeCloseTo(1 / 3, 2);
    const deleted = await collector.run({ step: 'deleted-files', maxBytes: 100_000 }, sink.sink, never);
    expect(deleted).toMatchObject({ state: 'partial', share: 0.5, reason: '/tmp/x: 100000 bytes are beyond the limit' });
    const paths = (await lab.engine.changes(inspect.Id)).map(({ path }) => path);
    const layer = await collector.run(
      { step: 'layer', paths: [...paths, '/usr/bin/busybox'], untimed: [], maxBytes: 1000 },
      sink.sink,
      never,
    );
    expect(layer.value).toMatchObject({ metadataOnly: true });
  }
});

test('a step that is called off leaves its file whole, and the next one works', async () => {
  const inspect = await frozen('aborted', 'dd if=/dev/urandom of=/t/a bs=1M count=30 2>/dev/null', { '/t': 'rw' });
  for (const force of ['proc', 'helper'] as const) {
    await using collector = await open(inspect, force);
    const stop = new AbortController();
    let written = 0;
    let closed = false;
    const slow: EvidenceSink = {
      async file() {
        return {
          async write(chunk) {
            written += chunk.length;
            if (written > 3 << 20) stop.abort(new Error('its time is over'));
          },
          async close() {
            closed = true;
          },
        };
      },
    };
    await expect(collector.run({ step: 'tmpfs', maxBytes: 1 << 30 }, slow, stop.signal)).rejects.toThrow('its time is over');
    expect([closed, written > 30 << 20]).toEqual([true, true]);
    const sink = memorySink();
    expect(await collector.run({ step: 'tmpfs', maxBytes: 1 << 30 }, sink.sink, never)).toMatchObject({ state: 'captured' });
    await expect(collector.run({ step: 'network' }, sink.sink, stop.signal)).rejects.toThrow('its time is over');
    expect(await collector.run({ step: 'network' }, sink.sink, never)).toMatchObject({ state: 'captured' });
    // a sink that takes nothing more, as of a full disk, ends the step and not the collector
    const full: EvidenceSink = { file: () => Promise.reject(new Error('the disk is full')) };
    await expect(collector.run({ step: 'processes' }, full, never)).rejects.toThrow('the disk is full');
    expect(await collector.run({ step: 'processes' }, memorySink().sink, never)).toMatchObject({ state: 'captured' });
  }
});

test('a helper that dies in the middle is told of, with what became of the file', async () => {
  const inspect = await frozen('dies', 'dd if=/dev/urandom of=/t/a bs=1M count=64 2>/dev/null', { '/t': 'rw' });
  await using collector = await open(inspect, 'helper');
  let killed: Promise<void> | null = null;
  let closed = 0;
  const sink: EvidenceSink = {
    async file() {
      return {
        async write() {
          // slowly, so that the end comes in the middle
          if (killed !== null) await new Promise((resolve) => setTimeout(resolve, 20));
          const [helper] = killed === null ? await lab.ours() : [];
          // not waited for: an engine waits in turn until what a container said has been read
          if (helper !== undefined) killed = lab.engine.kill(helper.id, 'KILL');
        },
        async close() {
          closed++;
        },
      };
    },
  };
  const step = { step: 'tmpfs', maxBytes: 1 << 30 } as const;
  await expect(collector.run(step, sink, never)).rejects.toMatchObject({
    code: 'collector_lost',
    message: expect.stringMatching(/is lost: it ended; files\/tmpfs\/\d\.tar is zeros from byte \d+ on$/),
  });
  await Promise.resolve(killed);
  expect(closed).toBeGreaterThan(0);
  await expect(collector.run({ step: 'network' }, memorySink().sink, never)).rejects.toMatchObject({ code: 'collector_lost' });
  expect(readFreezer(inspect)).toBe('frozen');
});

test.each<[string, Buffer[], string]>([
  ['no frames', [Buffer.from('Segmentation fault')], 'unknown type 83'],
  ['a file outside of the case', [frame('file', { path: 'files/../../etc/passwd', size: 1 })], 'cannot be one of a case'],
  ['an absolute file', [frame('file', { path: '/etc/passwd', size: 1 })], 'cannot be one of a case'],
  ['a size that is none', [frame('file', { path: 'files/a', size: -1 })], 'cannot be one of a case'],
  ['data of no file', [Buffer.concat([encodeHead('data', 1), Buffer.from('x')])], 'it sent data where none belongs'],
  ['no JSON', [Buffer.concat([encodeHead('result', 1), Buffer.from('{')])], 'it sent what is no JSON'],
])('a helper that sends %s is not believed', async (_, answer, message) => {
  const inspect = await frozen('lied-to', 'true');
  const engine = lying((send, question) => {
    if (question.startsWith('{"open"')) send(frame('ready', []));
    else for (const bytes of answer) send(bytes);
  });
  await using collector = await open(inspect, 'helper', engine);
  await expect(collector.run({ step: 'network' }, memorySink().sink, never)).rejects.toMatchObject({
    code: 'collector_lost',
    message: expect.stringContaining(message),
  });
  await lab.engine.remove(inspect.Id, { force: true });
});

test('a helper ends when its collector is let go of, and leaves nothing', async () => {
  const inspect = await frozen('ends', 'true');
  const collector = await open(inspect, 'helper');
  const [helper] = await lab.ours();
  const { HostConfig } = await lab.engine.inspect(helper?.id ?? '');
  expect(HostConfig).toMatchObject({
    CapDrop: ['ALL'],
    Memory: 256 << 20,
    ReadonlyRootfs: true,
    NetworkMode: 'none',
    LogConfig: { Type: 'none' },
  });
  expect(collector.processes).toHaveLength(1);
  await collector[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
  expect(await lab.ours()).toEqual([]);
});

test('a great deal of content goes through both sides in little memory', async () => {
  const inspect = await frozen('much', 'dd if=/dev/urandom of=/t/a bs=1M count=256 2>/dev/null', { '/t': 'rw' });
  await using collector = await open(inspect, 'helper');
  const hash = createHash('sha256');
  let [bytes, most, writes] = [0, 0, 0];
  const atFirst = process.memoryUsage.rss();
  const sink: EvidenceSink = {
    async file(path) {
      return {
        async write(chunk) {
          if (path.endsWith('.tar')) hash.update(chunk);
          bytes += chunk.length;
          // slower than what is sent
          if (++writes % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
          most = Math.max(most, process.memoryUsage.rss() - atFirst);
        },
        async close() {},
      };
    },
  };
  const result = await collector.run({ step: 'tmpfs', maxBytes: 1 << 30 }, sink, never);
  expect(result).toMatchObject({ state: 'captured', bytes });
  expect((result.value as unknown as { tmpfs: TmpfsRecord[] }).tmpfs.find(({ mount }) => mount === '/t')).toMatchObject({
    files: 1,
    bytes: 256 << 20,
  });
  expect(most).toBeLessThan(120 << 20);
});

test('a tmpfs under another mount is told of, and one that hides the real one is not gone into', async () => {
  const id = await lab.run('covered', {
    Entrypoint: ['sh', '-c'],
    Cmd: [
      `mkdir -p /a /ev; mount -t tmpfs -o rw hidden /a; echo deep >/a/deep; mount -t tmpfs cover /a; echo top >/a/top
       mount -t tmpfs ev /ev; echo x >/ev/file; mkdir /ev/inner; mount -t tmpfs inner /ev/inner; echo i >/ev/inner/i
       mount --bind -o ro /ev /proc/bus; echo x >/dev/.hidden; echo ready; sleep 99999`,
    ],
    HostConfig: { Privileged: true },
  });
  for await (const { line } of lab.engine.logs(id, { follow: true })) if (line === 'ready') break;
  await lab.engine.pause(id);
  const inspect = await lab.engine.inspect(id);
  for (const force of ['proc', 'helper'] as const) {
    await using collector = await open(inspect, force);
    const sink = memorySink();
    const result = await collector.run({ step: 'tmpfs', maxBytes: 1 << 30 }, sink.sink, never);
    const { tmpfs } = sink.json<{ tmpfs: TmpfsRecord[] }>('files/tmpfs.json');
    const names = async (mount: string) => {
      const path = tmpfs.find((one) => one.mount === mount)?.path ?? '';
      const archive = join(lab.folder, `${force}.tar`);
      await writeFile(archive, sink.files.get(path) ?? '');
      const { stdout } = await execute('tar', ['-tf', archive]);
      return stdout.trim().split('\n');
    };
    expect([force, result.state, result.reason]).toEqual([force, 'partial', '/a: something else is mounted over it']);
    expect(await names('/a')).toEqual(['./', 'top']);
    // what is mounted in it has an archive of its own
    expect(await names('/ev')).toEqual(['./', 'file']);
    expect(await names('/dev')).toContain('.hidden');
    expect(await names('/ev/inner')).toEqual(['./', 'i']);
  }
});
