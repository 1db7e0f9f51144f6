import { stat } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { never, realClock } from '../../test/checks/scope.ts';
import { timed } from './timed.ts';

const limits = { clock: realClock, timeoutMs: 20, signal: never };

test('an answer that came while this process stood still is no late one', async () => {
  // from here the timers come before the answers
  await nextTurn();
  const asked = timed(() => new Promise((resolve) => stat('/', () => resolve(null))), limits);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  expect(await asked).toMatchObject({ ok: true });
});

test('what is watched for after the answer is not limited by the time-out', async () => {
  const watched = timed(async (_signal, answered) => {
    answered();
    await realClock.sleep(60);
    return null;
  }, limits);
  expect(await watched).toMatchObject({ ok: true });
  expect(await timed(() => new Promise(() => undefined), limits)).toMatchObject({ ok: false, error: 'no answer within 20 ms' });
});
