import { type Answer, answer, took } from './answers.ts';
import type { Trial } from './trial.ts';

/** How many records whoever has the loot can read, where that is proven; null where it is not. */
export interface Judged extends Answer {
  readonly readable: number | null;
}

/**
 * Nothing readable without the anchor and all of it with it, from the same copies. A thief that reads something is one whatever the control
 * does; one that reads nothing is no proof until the control has read all.
 */
export function judgeTrial(trial: Trial, what: string): Judged {
  const { home, thief, control, reachableAway, reachableHome, controlHadSecrets } = trial;
  const unknown = (...sentences: (string | null)[]): Judged => ({ ...answer('inconclusive', ...sentences), readable: null });
  const atHome = home.least === home.most ? `${home.least}` : `${home.least} to ${home.most}`;
  const away = `${what} without the anchor: ${thief.words}`;
  if (reachableAway.length > 0)
    return unknown(`the anchor answered at ${reachableAway.join(', ')} where the thief was, so that was not away`);
  if (!thief.began) return unknown(`${away}: nothing was tried`);
  const readable = thief.count ?? 0;
  if (readable > 0) return { ...answer('broken', `${readable} of ${atHome} records can be read without the anchor`, away), readable };
  if (reachableHome.length === 0) return unknown('the anchor did not answer even where it should', away);
  const there = `with it: ${control.words}, in the target itself ${atHome}`;
  if (control.exitCode !== 0 || control.count === null || control.count < home.least || control.count > home.most)
    return unknown(
      `the control failed: ${there}`,
      away,
      ...control.notes.filter((note) => note.includes(' at /')),
      'so that nothing was read without it proves nothing',
    );
  if (thief.exitCode === null && thief.ms < 3 * control.ms)
    return unknown(`${away}, and with it took ${took(control.ms)}: it may only be slow (params.operate.timeout)`);
  return {
    ...answer(
      'holds',
      `0 of ${atHome} records could be read without the anchor and all of them with it, from the same copies`,
      away,
      there,
      controlHadSecrets ? 'with it the clone also had the files at /run/secrets, which the thief has not' : null,
    ),
    readable,
  };
}

export interface Burst {
  /** Operations asked for, none after the window. */
  readonly attempted: number;
  /** Of these. */
  readonly accepted: number;
  /** ms */
  readonly window: number;
  /** ms that it took; beyond the window where the command took its time. */
  readonly tookMs: number;
}

/** A command's own start and end, beside what it does in the window. */
const slackMs = 500;

/** `whole`: afterwards the target could read as before, so that it was the limit that refused. */
export function judgeThrottle(burst: Burst, atMost: number, whole: boolean): Answer {
  const { attempted, accepted, window, tookMs } = burst;
  const seen = `${accepted} of ${attempted} operations were allowed in ${took(Math.max(window, tookMs))}, at most ${atMost} may be in ${took(window)}`;
  // what takes longer may be allowed more; what is refused even so is refused
  if (accepted > atMost && tookMs > window + slackMs) return answer('inconclusive', seen, 'it took longer than the window');
  if (accepted > atMost) return answer('broken', seen);
  if (accepted === 0) return answer('inconclusive', seen, 'none at all is no limit but an outage');
  if (attempted <= atMost) return answer('inconclusive', seen, 'too few came to an end to know: a faster params.operate.once may do');
  if (!whole) return answer('inconclusive', seen, 'and afterwards the target could not read as before, so it need not have been the limit');
  return answer('holds', seen, 'afterwards the target could read as before');
}

export interface Ledger {
  readonly before: number;
  /** Before too, a moment later: it must stand still while we do nothing. */
  readonly still: number;
  readonly after: number;
  readonly done: number;
}

export function judgeLedger({ before, still, after, done }: Ledger): Answer & { readonly gap: number | null } {
  if (still !== before)
    return {
      ...answer(
        'inconclusive',
        `the ledger went from ${before} to ${still} while nothing was done: others use it`,
        'count only this application',
      ),
      gap: null,
    };
  const gap = Math.abs(after - before - done);
  const seen = `${done} operations, and the ledger went from ${before} to ${after}`;
  return { ...answer(gap === 0 ? 'holds' : 'broken', seen, gap === 0 ? null : `a gap of ${gap}`), gap };
}

export interface Alerted {
  /** Whether the usual use before raised one too. */
  readonly usual: boolean;
  /** ms from the end of the unusual use; null when none came in time. */
  readonly afterMs: number | null;
  readonly within: number;
  /** What was unusual was seen to be: more was asked for than usual. */
  readonly attempted: number;
  /** Why none could come in; null when it could. */
  readonly deaf: string | null;
}

export function judgeAlert({ usual, afterMs, within, attempted, deaf }: Alerted): Answer {
  if (deaf !== null) return answer('inconclusive', deaf);
  if (attempted === 0) return answer('inconclusive', 'no unusual use came about');
  if (usual) return answer('inconclusive', 'one operation as usual raised an alert too, so one more says nothing');
  const what = `${attempted} operations at once`;
  return afterMs === null
    ? answer('broken', what, `no alert within ${took(within)}`)
    : answer('holds', what, `an alert ${took(afterMs)} later`);
}
