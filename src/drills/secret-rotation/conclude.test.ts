import { expect, it } from 'vitest';
import { FailedError } from '../../domain/errors.ts';
import { newSecret } from '../../domain/secret.ts';
import { conclude, type Over } from './conclude.ts';
import type { Rotation } from './system.ts';

const down = (what: string) => () => Promise.reject(new FailedError('server_down', `db does not answer (${what})`));

/** A canary's rotation that went well, of which one thing fails at the end. */
async function concluded({
  undoUnproven = false,
  lost = false,
  ...rotation
}: Partial<Rotation> & { undoUnproven?: boolean; lost?: boolean }) {
  const journal: string[] = [];
  const residue: string[] = [];
  const signal = new AbortController().signal;
  const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };
  const over = {
    around: {
      context: {
        params: { consumers: [], credential: 'canary', probeEvery: 100, own: {} },
        targets: [],
        event: () => undefined,
        residue: (one: string) => residue.push(one),
      },
      scope: { clock, signal, others: lost ? down('others') : () => Promise.resolve([]), service: () => Promise.resolve([]) },
      system: { undoUnproven, services: () => [] },
    },
    rotation: { sessionsLeft: () => Promise.resolve([]), clear: () => Promise.resolve([]), ...rotation },
    deliveries: { forget: () => Promise.resolve([]) },
    change: { step: (name: string) => journal.push(name), close: (state: string, note: string) => journal.push(`${state}: ${note}`) },
    seen: {
      plan: 'leak',
      credential: 'canary',
      leakAt: 1,
      endAt: 9,
      points: [],
      tracks: [],
      golden: [],
      issuedAt: 4,
      careless: new Set(),
      notAllowed: null,
    },
    phases: [],
    uncertaintyMs: 0,
    sought: newSecret(),
    since: 0,
    beyond: [],
    told: [],
    stopped: false,
    error: null,
  };
  const { timing, curve, kept, error } = await conclude(over as unknown as Over);
  return {
    issued: timing.measures.time_to_new_issued,
    to: curve.to,
    kept,
    error: error instanceof Error ? error.message : error,
    journal,
    residue,
  };
}

const told = { issued: 3, to: 8 };

it('clears up, and closes the change', async () => {
  expect(await concluded({})).toEqual({
    ...told,
    kept: true,
    error: null,
    journal: ['commit', 'done: the practice was cleared away'],
    residue: [],
  });
});

it('tells what was seen although the last look fails, and leaves the change to be put back', async () => {
  expect(await concluded({ sessionsLeft: down('sessions') })).toEqual({
    ...told,
    kept: false,
    error: 'db does not answer (sessions)',
    journal: [],
    residue: [],
  });
  expect(await concluded({ lost: true })).toEqual({ ...told, kept: false, error: 'db does not answer (others)', journal: [], residue: [] });
});

it('tells what was seen although clearing up fails, and leaves the change to be finished', async () => {
  expect(await concluded({ clear: down('clear') })).toEqual({
    ...told,
    kept: true,
    error: 'db does not answer (clear)',
    journal: ['commit'],
    residue: [],
  });
});

it('leaves what is left to the change, which the runner settles once more', async () => {
  const clear = () => Promise.resolve(['a role is left']);
  expect(await concluded({ clear })).toMatchObject({ journal: ['commit', 'residue: a role is left'], residue: [] });
  // whose next look would see nothing any more
  expect(await concluded({ clear, undoUnproven: true })).toMatchObject({ residue: ['a role is left'] });
});
