import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Engine } from '../../src/domain/engine.ts';
import { connectEngine } from '../../src/engine/connect.ts';
import { captureDisk } from '../../src/forensics/capture/disk.ts';
import { busybox, docker, fixture } from '../support/containers.ts';

const box = fixture();
const engine: Engine = connectEngine({ name: 'local', host: process.env.DOCKER_HOST ?? '', environment: 'ci' }, { clock: systemClock });
afterAll(async () => {
  await engine.close();
  await box[Symbol.asyncDispose]();
});

test('an image cannot keep its container from being committed by the names of its labels', async () => {
  const hostile = ['com.docker.compose.${x', 'com.docker.compose."a"', 'com.docker.compose.$HOME\\'];
  // a Dockerfile cannot say these: they stay
  const unsayable = ['com.docker.compose.a=b', 'com.docker.compose."\nLABEL a=1 "'];
  // the client refuses such names; an image and the API do not
  const [key, value] = box.label.split('=') as [string, string];
  const all = Object.fromEntries([...hostile, ...unsayable].map((name) => [name, 'shop']));
  const { id } = await engine.create(box.name('hostile'), { Image: busybox, Cmd: ['sleep', '600'], Labels: { ...all, [key]: value } });
  await engine.start(id);
  const inspect = await engine.inspect(id);
  await engine.pause(id);
  const image = await captureDisk(engine, inspect, 'ev_test', AbortSignal.timeout(60_000));
  try {
    const { Config } = await engine.inspectImage(image);
    expect(hostile.map((name) => Config.Labels?.[name])).toEqual(['', '', '']);
    expect(unsayable.map((name) => Config.Labels?.[name])).toEqual(['shop', 'shop']);
  } finally {
    await docker('rmi', image);
  }
});
