import { describe, expect, it } from 'vitest';
import { inspectOf } from '../../test/recreate/support/inspect.ts';
import { cannotRecreate, cannotRestart } from './obstacle.ts';

const id = 'a'.repeat(64);
const other = 'b'.repeat(64);
const web = inspectOf({ id, name: 'web' });
const alone = new Set([id]);

function reason(inspect: typeof web, others: (typeof web)[] = [], together: ReadonlySet<string> = alone): string | null {
  return cannotRecreate(inspect, [inspect, ...others], together);
}

describe('a container can be made again', () => {
  it('when nothing stands against it', () => expect(reason(web)).toBeNull());

  it.each([
    ['removes itself', { host: { AutoRemove: true } }],
    ['Swarm', { config: { Labels: { 'com.docker.swarm.task.id': 'x' } } }],
    ['is paused', { state: { Paused: true } }],
    ['is restarting', { state: { Restarting: true } }],
    ['is being removed', { state: { Dead: true } }],
    ['is being removed', { state: { Status: 'removing', Running: false } }],
    ['is not running (exited)', { state: { Status: 'exited', Running: false } }],
    ['takes its volumes from bbbbbbbbbbbb, which is gone', { host: { VolumesFrom: [`${other}:ro`] } }],
  ])('unless it %s', (words, parts) => expect(reason(inspectOf({ id, ...parts }))).toContain(words));

  it.each(['NetworkMode', 'IpcMode', 'PidMode'])('unless another lives in its namespace (%s), and not in the run', (mode) => {
    const joiner = inspectOf({
      id: other,
      name: 'sidecar',
      host: { [mode]: `container:${id}` },
      state: { Running: false, Status: 'exited' },
    });
    expect(reason(web, [joiner])).toMatch(/shares its namespaces or volumes with sidecar/);
    expect(reason(web, [joiner], new Set([id, other]))).toBeNull();
  });

  it('unless another takes volumes from it by its id: by its name it finds the new one', () => {
    const taker = (from: string) => inspectOf({ id: other, name: 'backup', host: { VolumesFrom: [from] } });
    expect(reason(web, [taker(`${id}:ro`)])).toMatch(/backup/);
    expect(reason(web, [taker('web')])).toBeNull();
  });

  it('unless another is linked to it', () => {
    expect(reason(web, [inspectOf({ id: other, name: 'front', host: { Links: ['/web:/front/w'] } })])).toMatch(/linked to by front/);
  });
});

describe('a container can be restarted', () => {
  it('with --rm and a source of volumes that is gone, but not away from those that live in its namespaces', () => {
    const joiner = inspectOf({ id: other, name: 'sidecar', host: { NetworkMode: `container:${id}` } });
    expect(cannotRestart(inspectOf({ id, host: { AutoRemove: true, VolumesFrom: ['gone'] } }), [], alone)).toBeNull();
    expect(cannotRestart(web, [web, joiner], alone)).toMatch(/sidecar/);
    expect(cannotRestart(web, [web, { ...joiner, State: { ...joiner.State, Running: false } }], alone)).toBeNull();
    expect(cannotRestart(inspectOf({ state: { Paused: true } }), [], alone)).toMatch(/paused/);
  });
});
