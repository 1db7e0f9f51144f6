import type { Clock } from '../../domain/clock.ts';
import { InconclusiveError, RefusedError } from '../../domain/errors.ts';
import type { Golden } from './golden.ts';
import { waitFor } from './settled.ts';
import { silence } from './silence.ts';
import { type Attackers, lastSaid } from './tracks.ts';

/** Attackers try this often before the leak. */
const roundsBefore = 5;
const requestsBefore = 2;
/** For helpers that start, and then for answers as slow as may be. */
const startMs = 20_000;
const slowestMs = 2_000;

/**
 * Before the leak: everybody who has the old one is let in by it, and goes on being, and each consumer answers its own request. Throws `InconclusiveError` `no_control`
 * naming who had no such answer in time, and `RefusedError` `consumer_before` as soon as a consumer's request fails.
 */
export async function seenToWork(
  { tracks }: Pick<Attackers, 'tracks'>,
  golden: readonly Golden[],
  { everyMs, clock, signal }: { readonly everyMs: number; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const missing = () => [
    ...tracks
      .filter(({ samples }) => samples().length < roundsBefore || lastSaid(samples())?.answer !== 'accepted')
      .map(({ point, where, mode, samples }) => {
        const last = samples().at(-1);
        return `a ${mode} of the old one at ${point} from ${where} (${last === undefined ? 'no answer' : last.answer === 'unknown' ? silence(last.code) : (last.code ?? last.answer)})`;
      }),
    ...golden.filter(({ requests }) => requests().length < requestsBefore).map(({ service }) => `the request of ${service} (no answer)`),
  ];
  const failing = () => golden.find(({ requests }) => requests().some(({ ok }) => !ok));
  const ms = startMs + (roundsBefore + 1) * Math.max(everyMs, slowestMs);
  const settled = await waitFor(() => failing() !== undefined || missing().length === 0, { ms, clock, signal });
  const failed = failing();
  if (failed !== undefined)
    throw new RefusedError('consumer_before', `${failed.service} does not answer its own request before the leak, so nothing was leaked`, {
      hint: 'mend the service or its `prove` first',
    });
  if (settled) return;
  throw new InconclusiveError('no_control', `not seen to work before the leak, so nothing was leaked: ${missing().join('; ')}`, {
    hint: 'see params.probeEvery, and what limits logins or sessions there',
  });
}
