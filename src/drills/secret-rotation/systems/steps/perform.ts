import { plainName } from '../../../../container/names.ts';
import { allDone } from '../../../../domain/all-done.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { FailedError } from '../../../../domain/errors.ts';
import type { SystemScope } from '../../system.ts';
import { type Answer, readAnswer } from './answer.ts';
import type { Askers } from './askers.ts';
import { inputOf, type Known } from './input.ts';
import { type Failure, failed, type Outcome } from './outcome.ts';
import { runExec, type Stragglers } from './run-exec.ts';
import { runHttp } from './run-http.ts';
import { runScript } from './run-script.ts';
import { type Step, type StepName, servicesOf } from './step.ts';

export interface PerformIo {
  readonly scope: SystemScope;
  /** Ends the step. An undo has one of its own. */
  readonly signal: AbortSignal;
  readonly askers: Askers;
  readonly stragglers: Stragglers;
  /** Aborted when the rotation is over. */
  readonly over: AbortSignal;
}

/**
 * Carries a step out. `FailedError` names the step, the place and the exit code or status; never a word of what it printed. Also throws the signal's reason,
 * and an `EngineError` when the engine is lost.
 */
export async function perform(name: StepName, step: Step, known: Known, io: PerformIo): Promise<void> {
  await outputOf(name, step, known, io);
}

/** As `perform`, and reads the credential that came of it. */
export async function performFor(name: 'prepare' | 'issue', step: Step, known: Known, io: PerformIo): Promise<Answer> {
  const { where, output, truncated } = await outputOf(name, step, known, io);
  if (truncated) throw stepFailed(name, where, failed('answered with more than 64 KiB'));
  const answer = readAnswer(output, step.answer, step.generate);
  if ('problem' in answer) throw stepFailed(name, where, failed(answer.problem));
  return answer;
}

interface Said {
  readonly where: string;
  readonly output: string;
  readonly truncated: boolean;
}

/** In every place, whatever comes of the others: a replica that fails must not leave the next one as it was. What the first said. */
async function outputOf(name: StepName, step: Step, known: Known, io: PerformIo): Promise<Said> {
  const all = (await places(name, step, io)).map(async (container): Promise<Said> => {
    const where = placeOf(step, container);
    io.scope.event('step', `${name} ${where}`);
    const outcome = await run(name, step, known, container, io);
    if (!outcome.ok) throw stepFailed(name, where, outcome);
    return { where, ...outcome };
  });
  const [first] = await allDone(all);
  return first as Said;
}

/** Null: where Pitwall runs. */
async function places(name: StepName, step: Step, { scope }: PerformIo): Promise<readonly (ContainerInspect | null)[]> {
  const [service] = servicesOf(step);
  if (service === undefined) return [null];
  const replicas = (await scope.service(service)).toSorted((a, b) => a.Name.localeCompare(b.Name));
  const [first] = replicas;
  if (first === undefined)
    throw new FailedError('server_down', `step ${name}: no target of service ${service} runs`, { context: { step: name, service } });
  return step.type === 'exec' && step.each ? replicas : [first];
}

function run(name: StepName, step: Step, known: Known, container: ContainerInspect | null, io: PerformIo): Promise<Outcome> {
  const { clock, engine } = io.scope;
  const input = inputOf(name, known);
  const { signal, over, stragglers, askers } = io;
  if (step.type === 'http')
    return runHttp(step, input, container, { clock, signal, askers, secret: (ref, what) => io.scope.secret(ref, what) });
  const text = `${JSON.stringify(input)}\n`;
  if (step.type === 'script' || container === null) return runScript(step.argv, text, { clock, signal, timeoutMs: step.timeoutMs });
  return runExec(container, step.argv, text, step.timeoutMs, { engine, clock, signal, over, stragglers });
}

function placeOf(step: Step, container: ContainerInspect | null): string {
  if (container === null) return step.type === 'script' ? "on Pitwall's machine" : 'from where Pitwall runs';
  return `${step.type === 'http' ? 'from' : 'in'} ${plainName(container.Name)}`;
}

function stepFailed(step: StepName, where: string, { code, problem }: Failure): FailedError {
  return new FailedError(code, `step ${step} ${where} ${problem}`, {
    context: { step, where },
    hint: 'run it by hand with an input of the same form: Pitwall shows nothing of what a step prints, for it may hold secrets',
  });
}
