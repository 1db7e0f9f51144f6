import { join } from 'node:path';
import { expect } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { ContainerInspect } from '../../src/domain/engine/containers.ts';
import type { EvidenceCase } from '../../src/domain/evidence.ts';
import type { RunRecord } from '../../src/domain/words.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { docker, type Fixture, fixture } from '../support/containers.ts';
import { type Answer, type Pitwall, pitwall } from '../support/pitwall.ts';

export interface Frozen {
  readonly exitCode: number | null;
  readonly record: RunRecord;
  readonly stderr: string;
  /** The run's, in the order in which they were opened. */
  readonly cases: readonly EvidenceCase[];
}

/** The built command in a home of its own, and containers of its own. */
export interface FreezeLab extends AsyncDisposable {
  readonly box: Fixture;
  readonly home: Pitwall;
  /** `freeze … --json`, to its end. */
  freeze(...args: string[]): Promise<Frozen>;
  /** Of a command that told its events in place of its record: the newest run. */
  lastOf(answer: Answer): Frozen;
  /** Every case of this home, oldest first. */
  cases(): EvidenceCase[];
  /** Reads the database beside whoever works on it. */
  read<T>(look: (store: Store) => T): T;
  /** Nothing half done: a container is paused just when it is held (or `foreign`, by name), every case is sealed, nothing of ours is left. */
  consistent(...foreign: string[]): Promise<void>;
}

export function freezeLab(env: NodeJS.ProcessEnv = {}): FreezeLab {
  const box = fixture();
  const home = pitwall(env);
  const read = <T>(look: (store: Store) => T): T => {
    const store = openStore({ path: join(home.home, 'pitwall.db'), clock: systemClock });
    try {
      return look(store);
    } finally {
      store.close();
    }
  };
  const asFrozen = ({ exitCode, stdout, stderr }: Answer): Frozen => {
    if (stdout === '') throw new Error(`no record (exit ${exitCode}): ${stderr}`);
    const record = JSON.parse(stdout) as RunRecord;
    return { exitCode, record, stderr, cases: read((store) => store.evidence.list({ runId: record.id })).toReversed() };
  };
  return {
    box,
    home,
    read,
    lastOf({ exitCode, stderr }) {
      const [record, cases] = read((store) => {
        const [newest] = store.runs.list({ limit: 1 });
        return [newest === undefined ? null : store.runs.record(newest.id), store.evidence.list({ runId: newest?.id ?? '' })] as const;
      });
      if (record === null) throw new Error(`no run (exit ${exitCode}): ${stderr}`);
      return { exitCode, record, stderr, cases: cases.toReversed() };
    },
    freeze: async (...args) => asFrozen(await home.call('freeze', ...args, '--json')),
    cases: () => read((store) => store.evidence.list()).toReversed(),
    async consistent(...foreign) {
      const all = await box.all();
      const found = all.length === 0 ? [] : (JSON.parse(await docker('inspect', ...all)) as ContainerInspect[]);
      const paused = found.filter(({ State }) => State.Paused && State.Running).map(({ Name }) => Name.slice(1));
      const [holds, capturing, open, locks, instance] = read(
        ({ holds: kept, evidence, journal, locks: taken, instanceId }) =>
          [kept.current(), evidence.list({ state: 'capturing' }), journal.openChanges(), taken.held(), instanceId] as const,
      );
      expect(paused.toSorted()).toEqual([...holds.map(({ containerName }) => containerName), ...foreign].toSorted());
      expect([capturing.map(({ id }) => id), open, locks]).toEqual([[], [], []]);
      expect(await docker('ps', '-aq', '--filter', `label=pitwall.instance=${instance}`)).toBe('');
    },
    async [Symbol.asyncDispose]() {
      home[Symbol.dispose]();
      const images = (await docker('images', '-aq', '--no-trunc', '--filter', `label=${box.label}`)).split('\n').filter(Boolean);
      await box[Symbol.asyncDispose]();
      if (images.length > 0) await docker('rmi', '-f', ...new Set(images));
    },
  };
}

/** Counts in a file of its layer, in memory and on a tmpfs, as fast as a shell can. */
export const busy = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i > /count; done'];

/** Does nothing, and ends when it is told. */
export const idle = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 3600 & wait $!; done'];

export async function stateOf(name: string): Promise<'running' | 'paused' | 'exited' | 'created' | 'restarting' | 'gone'> {
  try {
    return (await docker('inspect', '--format', '{{.State.Status}}', name)) as 'running';
  } catch {
    return 'gone';
  }
}
