import { EngineError, FailedError, PitwallError } from '../../../../domain/errors.ts';
import { newSecret, type Secret } from '../../../../domain/secret.ts';
import type { Credential, Rotation, SystemScope } from '../../system.ts';
import { newAskers } from './askers.ts';
import type { Params } from './fields.ts';
import type { Held, Known } from './input.ts';
import { type PerformIo, perform, performFor } from './perform.ts';
import type { PlacedPoint } from './points.ts';
import { newStragglers } from './run-exec.ts';
import { type Step, type StepName, servicesOf } from './step.ts';
import { mustBeAccepted, notYet, type Trial } from './trial.ts';

export interface Begin {
  readonly params: Params;
  readonly scope: SystemScope;
  readonly points: readonly PlacedPoint[];
  /** Why nobody can be tried at the points, after a crash; null when that is not so. */
  readonly unplaced: string | null;
  /** What the steps make carries it. */
  readonly name: string;
  /** After a crash: whatever may have been done, and no value is known but the one that the drill file names. */
  readonly reopened: boolean;
}

export function rotationOf({ params: { steps, current }, scope, points, unplaced, name, reopened }: Begin): Rotation {
  const askers = newAskers(scope);
  const stragglers = newStragglers();
  /** Of the steps' own, in the order in which they become known. */
  let old: Held | null = null;
  let fresh: Held | null = null;
  let generated: Secret | null = null;
  let touched = reopened;
  let over = new AbortController();

  const known = (): Known => ({
    runId: scope.runId,
    plan: scope.plan,
    credential: scope.credential,
    name,
    old: old ?? (scope.credential === 'real' ? { user: current?.user ?? null, secret: realSecret() } : { user: null }),
    fresh: fresh ?? (generated === null ? {} : { secret: generated }),
  });
  const io = (signal = scope.signal): PerformIo => ({ scope, signal, askers, stragglers, over: over.signal });

  return {
    points: points.map(({ point }) => point),
    prepare,
    issue,
    ...(steps.deploy === null ? {} : { deploy }),
    ...(steps.verify === null ? {} : { verify: () => does('verify', steps.verify) }),
    refuse: () => (steps.revoke === null ? does('refuse', steps.refuse) : does('revoke', steps.revoke)),
    endSessions,
    sessionsLeft: async () => null,
    clear: () => last(clear),
    rollback: () => last(rollback),
  };

  async function prepare(): Promise<Credential> {
    await warm();
    old ??= scope.credential === 'real' ? await backedUp() : await canary();
    await mustBeAccepted('old', old, trial(steps.prepare ?? steps.issue));
    return old;
  }

  async function backedUp(): Promise<Held> {
    await does('prepare', steps.prepare);
    return { user: current?.user ?? null, secret: realSecret(), kept: {} };
  }

  async function canary(): Promise<Held> {
    touched = true;
    if (steps.prepare === null) {
      const made = await issued(null);
      generated = null;
      return made;
    }
    generated ??= steps.prepare.generate ? newSecret() : null;
    const asked = { ...known(), old: { user: null, ...(generated === null ? {} : { secret: generated }) }, fresh: {} };
    const answer = await performFor('prepare', steps.prepare, asked, io());
    const made = {
      user: answer.user ?? (generated === null ? null : name),
      secret: generated ?? (answer.secret as Secret),
      kept: answer.kept,
    };
    generated = null;
    return made;
  }

  async function issue(): Promise<Credential> {
    fresh ??= await issued(old);
    if (steps.deploy === null) await mustBeAccepted('new', fresh, trial(steps.issue));
    return fresh;
  }

  async function issued(before: Held | null): Promise<Held> {
    touched = true;
    generated ??= steps.issue.generate ? newSecret() : null;
    const answer = await performFor('issue', steps.issue, known(), io());
    const made = {
      user: answer.user ?? before?.user ?? (generated === null ? null : name),
      secret: generated ?? (answer.secret as Secret),
      kept: answer.kept,
    };
    if (before !== null && made.secret.reveal() === before.secret.reveal())
      throw new FailedError('step_failed', 'step issue answered with the old secret, so nothing would be rotated');
    return made;
  }

  async function deploy(): Promise<void> {
    await does('deploy', steps.deploy);
    if (fresh !== null) await mustBeAccepted('new', fresh, trial(steps.deploy));
  }

  async function endSessions(): Promise<{ readonly notAllowed: string | null }> {
    await does('endSessions', steps.endSessions);
    const left = steps.endSessions === null && steps.revoke === null && points.some(({ point }) => point.modes.includes('session'));
    return { notAllowed: left ? 'no step ends sessions: the drill gives refuse without endSessions' : null };
  }

  async function clear(): Promise<readonly string[]> {
    const name = steps.clear === null ? 'undo' : 'clear';
    const step = steps[name];
    if (steps.clear === null && scope.credential === 'real') return [];
    if (step === null) return ['no step takes the canary away: give the drill clear or undo, and remove it by hand'];
    return sentencesOf(async () => {
      await does(name, step);
      return scope.credential === 'real' ? notAs('accepted', 'new', fresh, step) : gone(step);
    });
  }

  async function rollback(): Promise<readonly string[]> {
    const { undo } = steps;
    if (!touched) return [];
    if (undo === null) return ['the drill has no step undo: look what issue made for this run, and remove it by hand'];
    const running = await stragglers.waitFor(undo.timeoutMs, scope.clock);
    const found = await sentencesOf(async () => {
      // Not the run's signal: what was done is put back also when the run is aborted.
      await perform('undo', undo, known(), io(reopened ? scope.signal : new AbortController().signal));
      if (scope.credential === 'canary') return gone(undo);
      const back = await notAs('accepted', 'old', { user: current?.user ?? null, secret: realSecret() }, undo);
      return [...back, ...(await notAs('refused', 'new', newest(), undo))];
    });
    return [...running.map((where) => `a command of an earlier step may still run in ${where}: look, and recover again`), ...found];
  }

  /** Neither of the canary's credentials lets anybody in, as far as they are known. */
  async function gone(after: Step): Promise<string[]> {
    return [...(await notAs('refused', 'old', old, after)), ...(await notAs('refused', 'new', newest(), after))];
  }

  /** Also one that was handed to a step which then failed. */
  function newest(): Pick<Held, 'user' | 'secret'> | null {
    return fresh ?? (generated === null || old === null ? null : { user: old.user, secret: generated });
  }

  async function notAs(
    answer: 'accepted' | 'refused',
    which: string,
    tried: Pick<Held, 'user' | 'secret'> | null,
    after: Step,
  ): Promise<string[]> {
    if (tried !== null && unplaced !== null)
      return [`${unplaced}, so it was not seen whether the ${which} credential is ${answer}: recover again`];
    return tried === null ? [] : notYet(answer, which, tried, trial(after));
  }

  async function does(stepName: StepName, step: Step | null): Promise<void> {
    if (step === null) return;
    touched = true;
    await perform(stepName, step, known(), io());
  }

  function realSecret(): Secret {
    if (current === null) throw new FailedError('step_failed', 'credential real needs current, the credential that is rotated');
    return scope.secret(current.secret, 'current.secret');
  }

  function trial(after: Step | null): Trial {
    return { points, scope, timeoutMs: after?.timeoutMs ?? 0 };
  }

  /** Helpers are started before anything is timed. */
  async function warm(): Promise<void> {
    const asking = Object.values(steps).filter((step): step is Step => step?.type === 'http');
    const services = new Set(asking.flatMap(servicesOf));
    for (const service of services) {
      const [first] = (await scope.service(service)).toSorted((a, b) => a.Name.localeCompare(b.Name));
      if (first !== undefined) await askers.beside(first);
    }
  }

  /** Lets go of all that the steps kept open. */
  async function last<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      over.abort(new Error('the rotation is over'));
      over = new AbortController();
      await askers.close();
    }
  }
}

/** What failed, as a sentence; only a lost engine is thrown. */
async function sentencesOf(work: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PitwallError) || (error instanceof EngineError && error.lost)) throw error;
    return [`${error.message}: put it right, and run \`pitwall recover\``];
  }
}
