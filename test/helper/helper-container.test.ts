import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { busyboxPath } from '../../src/container/busybox.ts';
import { type Helper, type HelperRequest, startHelper } from '../../src/container/helper-container.ts';
import type { HelperImage } from '../../src/container/helper-image.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { connect, type Lab, openLab } from './lab.ts';

let lab: Lab;
let image: HelperImage;
beforeAll(async () => {
  lab = await openLab('helper');
  image = await lab.image({ build: await lab.build(), busybox: await lab.busybox() });
});
afterAll(() => lab.close());

const runId = '01JD0000000000000000000000';

function start(given: Partial<HelperRequest>, engine: Engine = lab.engine): Promise<Helper> {
  const work = { module: 'checks/answer.js' };
  return startHelper(engine, {
    image: image.reference,
    runId,
    instance: lab.instance,
    role: 'test',
    work,
    expiresMs: 60_000,
    now: Date.now(),
    ...given,
  });
}

const command = (script: string) => ({ work: { command: [busyboxPath, 'sh', '-c', script] } });

async function lines(helper: Helper): Promise<string[]> {
  const found: string[] = [];
  for await (const { line } of helper.output) found.push(line);
  return found;
}

describe('a helper container', () => {
  test('has no rights at all, nothing to write to, no network and limits, and is ours', async () => {
    const now = Date.now();
    await using helper = await start({
      ...command(
        `${busyboxPath} grep -E '^(CapPrm|CapEff|CapBnd|NoNewPrivs|Uid)' /proc/self/status
         (echo x >/x) 2>&1 || echo cannot write
         ${busyboxPath} ls /sys/class/net`,
      ),
      now,
    });
    const said = await lines(helper);
    expect(said.map((line) => line.replace(/\s+/g, ' '))).toEqual([
      'Uid: 65534 65534 65534 65534',
      'CapPrm: 0000000000000000',
      'CapEff: 0000000000000000',
      'CapBnd: 0000000000000000',
      'NoNewPrivs: 1',
      "sh: can't create /x: Read-only file system",
      'cannot write',
      'lo',
    ]);
    const { Config, HostConfig } = await lab.engine.inspect(helper.id);
    expect(Config.Labels).toMatchObject({
      'pitwall.run': runId,
      'pitwall.role': 'test',
      'pitwall.instance': lab.instance,
      'pitwall.expires': new Date(now + 60_000).toISOString(),
    });
    expect(HostConfig).toMatchObject({ AutoRemove: false, Memory: 134_217_728, PidsLimit: 64, RestartPolicy: { Name: 'no' } });
  });

  test('gets the capability that it asks for, and no other', async () => {
    await using helper = await start({ ...command(`${busyboxPath} grep CapEff /proc/self/status`), capAdd: ['NET_ADMIN'] });
    expect((await lines(helper)).join().replace(/\s+/g, ' ')).toBe('CapEff: 0000000000001000');
  });

  test('gives its exit code, and says when there is no such program', async () => {
    await using helper = await start(command('exit 7'));
    expect(await lab.engine.wait(helper.id)).toBe(7);
    await using missing = await start({ work: { command: ['/no/such'] } });
    expect(await lab.engine.wait(missing.id)).toBe(127);
    expect(await lines(missing)).toEqual([expect.stringMatching(/^cannot run \/no\/such/)]);
  });

  test('sees the processes and the network of the container that it joins', async () => {
    const target = await lab.run('joined');
    await using helper = await start({
      ...command(`${busyboxPath} tr '\\0' ' ' </proc/1/cmdline; echo; ${busyboxPath} ls /sys/class/net`),
      networkContainer: target,
      pidContainer: target,
    });
    const [cmdline, ...interfaces] = await lines(helper);
    expect(cmdline).toMatch(/sleep 3600/);
    expect(interfaces).toEqual(['eth0', 'lo']);
  });

  test('ends by itself at its expiry, with all that it started, even when nobody is there and it does not heed SIGTERM', async () => {
    const engine = connect();
    const helper = await start(
      { ...command(`trap '' TERM; ${busyboxPath} sleep 600 & while :; do ${busyboxPath} sleep 1; done`), expiresMs: 1_500 },
      engine,
    );
    await engine.close();
    const begun = performance.now();
    expect(await lab.engine.wait(helper.id)).toBe(124);
    // it would sleep for ten minutes
    expect(performance.now() - begun).toBeLessThan(60_000);
    await lab.engine.remove(helper.id, { force: true });
  });

  test('outlives Pitwall until its expiry, or ends with it where it is told to', async () => {
    const engine = connect();
    const attached = await start({ endsWithPitwall: true }, engine);
    const timer = await start({ ...command(`${busyboxPath} sleep 600`) }, engine);
    await sleep(500);
    // What a SIGKILL of Pitwall does: its sockets close.
    await engine.close();
    expect(await lab.engine.wait(attached.id)).toBe(0);
    expect((await lab.engine.inspect(timer.id)).State.Running).toBe(true);
    for (const { id } of [attached, timer]) await lab.engine.remove(id, { force: true });
  });

  test('stops at once or by itself, leaves nothing, and can be stopped again', async () => {
    const helper = await start({});
    await helper.stop();
    await helper.stop();
    const gentle = await start(command(`trap 'echo bye; exit 0' TERM; echo ready; while :; do ${busyboxPath} sleep 0.1; done 2>/dev/null`));
    const said: string[] = [];
    for await (const { line } of gentle.output) {
      said.push(line);
      if (line === 'ready') void gentle.stop({ graceSeconds: 30 });
    }
    await gentle.stop();
    expect(said).toContain('bye');
    expect(await lab.ours()).toEqual([]);
  });

  test('leaves nothing when it cannot start', async () => {
    const target = await lab.run('stopped');
    await lab.engine.kill(target, 'KILL');
    await lab.engine.wait(target);
    await expect(start({ networkContainer: target })).rejects.toMatchObject({ code: expect.any(String) });
    await expect(start({ image: 'pitwall-helper:not-there' })).rejects.toMatchObject({ code: 'image_gone' });
    expect(await lab.ours()).toEqual([]);
  });
});
