import { expect, it } from 'vitest';
import { FailedError } from '../../domain/errors.ts';
import { type Live, undoLive } from './undo-live.ts';

async function undone(undoUnproven: boolean, rollback: () => Promise<readonly string[]>): Promise<string[]> {
  const done: string[] = [];
  const live = {
    context: {
      event: (_type: string, _target: null, text: string) => done.push(text),
      residue: (one: string) => done.push(`left: ${one}`),
    },
    system: { undoUnproven },
    rotation: { rollback },
    deliveries: { data: [] },
    scope: { undoUnder: ({ aborted }: AbortSignal) => done.push(`aborted: ${aborted}`) },
    change: { record: { target: 'db' }, close: (state: string) => done.push(state) },
    delivered: true,
  };
  await undoLive(live as unknown as Live);
  return done;
}

const all = () => Promise.resolve([]);

it('leaves to the handler what that can prove', async () => {
  expect(await undone(false, all)).toEqual([]);
});

it('puts the others back itself, under a signal of its own, and settles what it saw put back', async () => {
  expect(await undone(true, all)).toEqual(['aborted: false', 'undone', 'db: put back, and seen to be as before']);
});

it('keeps what it saw left, and what fails, for the handler', async () => {
  expect(await undone(true, () => Promise.resolve(['the canary is let in']))).toEqual(['aborted: false', 'left: the canary is let in']);
  const failing = () => Promise.reject(new FailedError('server_down', 'db is down'));
  expect(await undone(true, failing)).toEqual(['aborted: false', 'db: db is down; tried again from the journal']);
});
