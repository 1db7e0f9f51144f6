import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { fakeClock } from '../../../test/support/fake-clock.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import type { FreezeIo, FreezeRequest } from '../../domain/evidence.ts';
import { openStore } from '../../store/open.ts';
import type { FreezerDeps } from '../freezer-deps.ts';
import { freezeSet } from './freeze-set.ts';

const folder = mkdtempSync(join(tmpdir(), 'pitwall-freeze-set-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('one whose state could not be read back after its pause is answered for: its hold and its change stay open', async () => {
  const clock = fakeClock();
  const store = openStore({ path: join(folder, 'pitwall.db'), clock });
  const runId = '01J00000000000000000000000';
  const before = {
    Id: 'a'.repeat(64),
    Name: '/web',
    Image: 'sha256:0',
    State: { Running: true, Paused: false, Status: 'running' },
    Config: { Image: 'web:1', Labels: {} },
  } as ContainerInspect;
  const refused = new EngineError('engine_failed', 'engine local: cannot inspect container web: it answered 500', { status: 500 });
  const engine = {
    name: 'local',
    info: async () => ({ id: 'E' }),
    pause: async () => undefined,
    inspect: () => Promise.reject(refused),
  } as unknown as Engine;
  const begin = () =>
    store.runs.open({
      id: runId,
      drill: null,
      kind: 'forensic-freeze',
      trigger: 'manual',
      actor: 'test',
      seed: '',
      engine: {
        name: 'local',
        id: 'E',
        version: '1',
        environment: null,
      },
      definition: 'sha256:0',
      definitionText: '',
      processId: 0,
    });
  const io = {
    runId,
    actor: 'test',
    trigger: 'manual',
    engine,
    journal: store.journal.forRun(runId, 'local', 'E'),
    begin,
  } as unknown as FreezeIo;
  const request = { containers: [{ id: before.Id, inspect: before }], leaseMs: 1_000, onExpiry: 'notify' } as unknown as FreezeRequest;
  const asked = {
    ...request,
    reason: null,
    disposition: 'keep',
    memory: 'proc',
  } as FreezeRequest;
  const deps = { store, clock, newId: () => runId } as unknown as FreezerDeps;
  await expect(freezeSet(asked, io, deps, () => undefined)).rejects.toBe(refused);
  expect(store.holds.current()).toMatchObject([{ containerName: 'web', state: 'freezing' }]);
  expect(store.journal.openChanges()).toMatchObject([{ kind: 'freeze', target: 'web' }]);
  store.close();
});
