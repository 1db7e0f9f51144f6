import { createHash } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { FailedError, InvalidError, RefusedError } from '../../../../domain/errors.ts';
import type { System, SystemScope } from '../../system.ts';
import { newAskers } from './askers.ts';
import { type Params, problemsOf } from './fields.ts';
import { perform } from './perform.ts';
import { placedPoints } from './points.ts';
import { rotationOf } from './rotation.ts';
import { newStragglers } from './run-exec.ts';
import { describeStep, type Step, type StepName, servicesOf, stepNames } from './step.ts';

export { fields, type Params } from './fields.ts';

/** Any system that Pitwall does not know: its commands, HTTP calls and scripts are the drill's own. */
export const steps: System<Params> = {
  name: 'steps',
  handsOver: () => true,
  undoUnproven: true,
  actions({ steps: given }, plan, credential) {
    return orderOf(plan).flatMap((name) => {
      const asked = name === 'prepare' && credential === 'canary' && given.prepare === null ? 'issue' : name;
      const step = given[asked] ?? (name === 'clear' && credential === 'canary' ? given.undo : null);
      if (step === null) return [];
      const shown = step === given.undo ? 'undo' : asked;
      return [`step ${shown}${asked !== name ? ' (makes the canary)' : ''}: ${describeStep(step)}`];
    });
  },
  services: ({ steps: given, points }) => [
    ...new Set([...points.map(({ service }) => service), ...all(given).flatMap(([, step]) => servicesOf(step))]),
  ],
  async open(params, scope) {
    const [problem] = problemsOf(params, scope.credential);
    if (problem !== undefined) throw new InvalidError('bad_params', `params.${problem.path.join('.')} ${problem.message}`);
    const points = await placedPoints(params.points, scope);
    await possible(params, scope);
    const name = nameOf(scope.runId);
    await looked(params, name, scope);
    return { rotation: rotationOf({ params, scope, points, unplaced: null, name, reopened: false }), data: { name } };
  },
  async reopen(params, data, scope) {
    const name = typeof data.name === 'string' ? data.name : nameOf(scope.runId);
    // A server that is gone must not keep an undo from what can be undone.
    const placed = await placedPoints(params.points, scope).then(
      (points) => ({ points, unplaced: null }),
      (error: unknown) => {
        if (error instanceof RefusedError) return { points: [], unplaced: error.message };
        throw error;
      },
    );
    return rotationOf({ params, scope, ...placed, name, reopened: true });
  },
};

function orderOf(plan: 'planned' | 'leak'): readonly StepName[] {
  const give = ['issue', 'deploy', 'verify'] as const;
  const take = ['revoke', 'refuse', 'endSessions'] as const;
  const begin = ['check', 'prepare'] as const;
  return plan === 'leak' ? [...begin, ...take, ...give, 'clear'] : [...begin, ...give, ...take, 'clear'];
}

function all(given: Params['steps']): [StepName, Step][] {
  return stepNames.flatMap((name) => (given[name] === null ? [] : [[name, given[name]] as [StepName, Step]]));
}

function nameOf(runId: string): string {
  return `pitwall_${createHash('sha256').update(runId).digest('hex').slice(0, 10)}`;
}

/** What steps need is there: services, secrets, programs. */
async function possible({ steps: given, current }: Params, scope: SystemScope): Promise<void> {
  for (const [name, step] of all(given)) {
    for (const service of servicesOf(step))
      if ((await scope.service(service)).length === 0)
        throw new RefusedError('no_server', `step ${name}: no target of service ${service} runs`);
    if (step.type === 'http')
      for (const [header, value] of Object.entries(step.headers))
        if (typeof value !== 'string') scope.secret(value.ref, `header ${header} of step ${name}`);
    if (step.type === 'script') await executable(name, step.argv[0] ?? '');
  }
  if (scope.credential === 'real' && current !== null) scope.secret(current.secret, 'current.secret');
}

async function executable(name: StepName, program: string): Promise<void> {
  // One without a path is looked for when it is run.
  if (!program.startsWith('/')) return;
  await access(program, constants.X_OK).catch(() => {
    throw new RefusedError('no_program', `step ${name}: ${program} is not there, or cannot be executed`);
  });
}

/** The drill's own look before anything is done. */
async function looked({ steps: { check } }: Params, name: string, scope: SystemScope): Promise<void> {
  if (check === null) return;
  const { runId, plan, credential, signal } = scope;
  const askers = newAskers(scope);
  const over = new AbortController();
  try {
    const known = { runId, plan, credential, name, old: { user: null }, fresh: {} };
    await perform('check', check, known, { scope, signal, askers, stragglers: newStragglers(), over: over.signal });
  } catch (error) {
    if (error instanceof FailedError) throw new RefusedError(error.code, error.message, { hint: error.hint, context: error.context });
    throw error;
  } finally {
    over.abort(new Error('the check is over'));
    await askers.close();
  }
}
