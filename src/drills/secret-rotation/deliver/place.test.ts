import { describe, expect, it } from 'vitest';
import { inspectOf } from '../../../../test/recreate/support/inspect.ts';
import type { MountPoint } from '../../../domain/engine/containers.ts';
import { placeOf, seenAt } from './place.ts';

const bind = (Source: string, Destination: string): MountPoint => ({ Type: 'bind', Source, Destination, Mode: '', RW: true });
const volume = (Name: string, Destination: string): MountPoint => ({ Type: 'volume', Name, Source: '/x', Destination, Mode: '', RW: true });

describe('where a path lies', () => {
  const inspect = inspectOf({
    mounts: [
      bind('/srv', '/run'),
      bind('/srv/more', '/run/secrets'),
      bind('/etc/one', '/run/secrets/one'),
      volume('keys', '/keys'),
      volume('part', '/part'),
      { ...bind('', '/memory'), Type: 'tmpfs' },
    ],
    host: { Mounts: [{ Type: 'volume', Source: 'part', Target: '/part', VolumeOptions: { Subpath: 'a/b' } }] },
  });
  const lies = (path: string) => {
    const found = placeOf(inspect, path);
    return found === null ? null : [found.place, Object.values(found.source).join(' '), found.inside].join(' ');
  };

  it('is the innermost mount', () => {
    expect(lies('/run/x/y')).toBe('folder bind /srv x/y');
    expect(lies('/run/secrets/two')).toBe('folder bind /srv/more two');
    expect(lies('/keys/deep/er')).toBe('folder volume keys deep/er');
  });
  it('is a file that is mounted itself, in the folder that it lies in', () =>
    expect(lies('/run/secrets/one')).toBe('single-file bind /etc one'));
  it('is found by the name that images link to', () => expect(lies('/var/run/secrets/two')).toBe('folder bind /srv/more two'));
  it('is in the part of a volume that is mounted', () => expect(lies('/part/c')).toBe('folder volume part a/b/c'));
  it('is nowhere that a helper could mount', () => {
    for (const path of ['/memory/x', '/etc/x', '/runner/x', '/keysx']) expect(lies(path)).toBeNull();
  });
});

describe('who sees a file', () => {
  const inspect = inspectOf({
    mounts: [bind('/srv/secrets', '/s'), bind('/srv', '/all'), bind('/srv/secrets/token', '/t'), volume('keys', '/k')],
  });
  it('is everybody who has it, a folder of it or a folder above it mounted', () => {
    expect(seenAt(inspect, { type: 'bind', path: '/srv/secrets' }, 'token')).toEqual([
      { path: '/s/token', single: false },
      { path: '/all/secrets/token', single: false },
      { path: '/t', single: true },
    ]);
    expect(seenAt(inspect, { type: 'volume', name: 'keys' }, 'a')).toEqual([{ path: '/k/a', single: false }]);
    expect(seenAt(inspect, { type: 'bind', path: '/srv2' }, 'token')).toEqual([]);
    expect(seenAt(inspect, { type: 'volume', name: 'other' }, 'a')).toEqual([]);
  });
});
