import { createHash } from 'node:crypto';
import type { Engine } from '../domain/engine.ts';
import { exitCodeOf, exitCodes, FailedError, InvalidError, PitwallError, RefusedError } from '../domain/errors.ts';
import type { Hold } from '../domain/evidence.ts';
import type { Trigger } from '../domain/words.ts';
import { findHold } from '../forensics/hold/find-hold.ts';
import { type Released, type ReleaseTo, release } from '../forensics/hold/release.ts';
import type { RunnerDeps } from './deps.ts';
import { freezeKind } from './freeze.ts';
import { reconcileRun } from './reconcile.ts';

export interface ReleaseOptions {
  readonly actor: string;
  readonly trigger: Trigger;
  /** Ends up in the hold's ending: `the lease expired`. */
  readonly reason?: string | undefined;
}

type ReleaseDeps = Pick<RunnerDeps, 'store' | 'clock' | 'handlers' | 'helperImage' | 'newId' | 'processId' | 'evidence' | 'onEvent'>;

/**
 * Moves a held container on, as a run of its own: what it changes is in the journal, and a process that is killed over it is recovered as
 * every other. Throws what `release` throws, and InvalidError `unknown_engine`.
 */
export async function releaseNow(
  reference: string,
  to: ReleaseTo,
  options: ReleaseOptions,
  engines: readonly Engine[],
  deps: ReleaseDeps,
): Promise<Released> {
  const { store } = deps;
  const { hold, evidence } = findHold(store, reference);
  const engine = await engineOf(hold, engines);
  const { id, version } = await engine.info();
  const runId = deps.newId();
  const text = JSON.stringify({ release: evidence.id, to, reason: options.reason ?? null });
  store.atOnce(() => {
    store.runs.open({
      id: runId,
      drill: null,
      kind: freezeKind,
      trigger: options.trigger,
      actor: options.actor,
      engine: { name: engine.name, id, version, environment: engine.environment },
      seed: '',
      definition: `sha256:${createHash('sha256').update(text).digest('hex')}`,
      definitionText: text,
      processId: deps.processId,
      // that a container is let go proves nothing
      scored: false,
    });
    const { container } = evidence;
    store.runs.saveTargets(runId, [
      { id: container.id, name: hold.containerName, service: container.service, image: container.image, outcome: null, leftOut: null },
    ]);
    store.runs.setEvidence(runId, [evidence.id]);
  });
  const event = (type: string, message: string) => {
    const written = store.events.add(runId, type, hold.containerName, message, null);
    deps.onEvent?.(written);
  };
  try {
    const released = await release(
      evidence.id,
      to,
      {
        engine,
        clock: deps.clock,
        // what is begun is done, or undone by itself
        signal: new AbortController().signal,
        runId,
        store,
        journal: store.journal.forRun(runId, engine.name, id),
        helperImage: async (on) => (await deps.helperImage(on)).reference,
        processId: deps.processId,
      },
      options.reason,
    );
    event('released', released.outcome);
    store.runs.setOutcome(runId, evidence.container.id, released.outcome);
    store.runs.end(runId, { verdict: 'passed', reason: `${hold.containerName}: ${released.outcome}`, exitCode: exitCodes.ok, residue: [] });
    // it is let go of, whatever the disk of the evidence says
    await deps.evidence.note(evidence.id, `released: ${released.outcome}`, options.actor).catch((error: unknown) => {
      event('custody', `the custody log could not be written: ${error instanceof Error ? error.message : String(error)}`);
    });
    return released;
  } catch (error) {
    const residue = await reconcileRun(runId, engine, { ...deps, onChange: (_change, note) => event('undo', note) });
    const verdict = error instanceof RefusedError ? 'refused' : error instanceof FailedError ? 'failed' : 'error';
    const reason = error instanceof Error ? error.message : String(error);
    store.runs.end(runId, { verdict, reason, exitCode: residue.length > 0 ? exitCodes.residue : exitCodeOf(error), residue });
    if (residue.length > 0 && error instanceof PitwallError) {
      throw new FailedError('residue', `${error.message}; left behind: ${residue.join('; ')}`, {
        exitCode: exitCodes.residue,
        cause: error,
        hint: 'pitwall recover',
      });
    }
    throw error;
  }
}

/** By the daemon's own id, as names in the configuration change. */
async function engineOf(hold: Hold, engines: readonly Engine[]): Promise<Engine> {
  const named = engines.find(({ name }) => name === hold.engine);
  if (named !== undefined && (await named.info()).id === hold.engineId) return named;
  for (const engine of engines) if (engine !== named && (await engine.info()).id === hold.engineId) return engine;
  throw new InvalidError(
    'unknown_engine',
    `${hold.containerName} is held on engine ${hold.engine}, which is not in the configuration, or is another one now`,
  );
}
