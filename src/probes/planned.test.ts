import { expect, test } from 'vitest';
import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { ImageInspect } from '../domain/engine/images.ts';
import { catalogue } from './catalogue.ts';
import { plannedClone, plannedGround } from './planned.ts';

const inspect = {
  Mounts: [{ Type: 'volume', Destination: '/data', RW: true }],
  Config: { User: '', Env: [], Entrypoint: null, Cmd: ['node'] },
  HostConfig: { NetworkMode: 'none' },
  NetworkSettings: { Networks: { none: {} } },
} as unknown as ContainerInspect;
const image = { Id: 'i', Config: { User: 'app' } } as unknown as ImageInspect;
const planned = (id: string) =>
  plannedClone(
    'a clone',
    catalogue.filter((probe) => probe.id === id),
    plannedGround(inspect, image, [], null),
  );

test('a plan has each command letter by letter, also where the busybox is what is copied', () => {
  expect(planned('PRV-04')).toContain('  PRV-04 (dummy-only): $B unshare -U -r $B true');
  expect(planned('FS-02').join('\n')).toContain('$B cp $B "$f"');
  expect(planned('FS-02').join('\n')).toContain('/data');
});

test('what depends on the image is asked of that image', () => {
  expect(planned('IMG-06')).toEqual([
    'a clone, with B=/.probe/busybox:',
    `  IMG-06 (read-only): $B awk -F: '$1 == "app" { print $3 }' /etc/passwd`,
  ]);
});

test('what may leave the host is not planned when nothing is asked for', () => {
  expect(planned('NET-02')).toEqual([]);
});
