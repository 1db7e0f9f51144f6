import { constants } from 'node:os';
import { stopMs } from '../../container/grace.ts';
import type { ContainerInspect } from '../../domain/engine/containers.ts';
import { EngineError } from '../../domain/errors.ts';
import { type Answer, answer, took } from './answers.ts';
import type { Body } from './body.ts';
import type { Context } from './context.ts';
import { firstProcess } from './inside.ts';
import { hasEnded, stateOf, type Watch, waitReady } from './watching.ts';

export interface Stopped {
  readonly answer: Answer;
  /** ms; null when it was not stopped. */
  readonly stopTime: number | null;
  /** Its own grace period, ms; null when that is longer than what is waited for. */
  readonly grace: number | null;
  /** ms from its start until it was healthy again; null when it was not. */
  readonly healthyAfter: number | null;
}

/** No drill waits longer for one container, whatever grace it asks for. */
const mostMs = 300_000;
const killed = 128 + 9;

/** LC-01: told to stop, it ends by itself within its grace period. Starts it again afterwards. */
export async function sigterm(body: Body, context: Context): Promise<Stopped> {
  const { engine, clock, signal } = context;
  const before = await body.look();
  const own = stopMs(before, null);
  const grace = Math.min(own, mostMs);
  const first = await describeFirst(body, before, context);
  const watch: Watch = { engine, clock, signal };
  return body.down(grace, async () => {
    const last = await engine.inspect(body.id);
    if (!last.State.Running || last.State.StartedAt !== before.State.StartedAt) {
      return {
        answer: answer('inconclusive', `before it was told to stop it was ${stateOf(last)}`),
        stopTime: null,
        grace: null,
        healthyAfter: null,
      };
    }
    const from = clock.monotonic();
    try {
      await engine.stop(body.id, { graceSeconds: Math.round(grace / 1_000) });
    } catch (error) {
      if (!(error instanceof EngineError) || error.lost) throw error;
      return { answer: answer('inconclusive', `docker stop failed: ${error.message}`), stopTime: null, grace: null, healthyAfter: null };
    }
    const stopTime = clock.monotonic() - from;
    const after = await engine.inspect(body.id);
    const verdict = judge(after, { stopTime, grace, own, first });
    const started = clock.monotonic();
    if (!body.isTarget && !hasEnded(after)) return { answer: verdict, stopTime, grace, healthyAfter: null };
    signal.throwIfAborted();
    await engine.start(body.id);
    const ready = await waitReady(body.id, watch);
    if (!ready.ready) context.event('restarted', null, `${body.name} was started again, and ${ready.reason}`);
    return { answer: verdict, stopTime, grace: own > grace ? null : own, healthyAfter: ready.ready ? ready.at - started : null };
  });
}

function judge(
  after: ContainerInspect,
  { stopTime, grace, own, first }: { readonly stopTime: number; readonly grace: number; readonly own: number; readonly first: string },
): Answer {
  const { ExitCode, Running, OOMKilled } = after.State;
  const what = `docker stop -t ${Math.round(grace / 1_000)}: exit code ${ExitCode} after ${took(stopTime)}`;
  if (Running) return answer('inconclusive', `docker stop -t ${Math.round(grace / 1_000)}: it runs all the same`, first);
  if (OOMKilled) return answer('inconclusive', what, 'it was out of memory', first);
  if (ExitCode === killed && own > grace)
    return answer('inconclusive', what, `its own grace period is longer than is waited for (${took(own)})`, first);
  if (ExitCode === killed)
    return answer('broken', what, stopTime < grace ? 'ended by SIGKILL' : 'killed when its grace period was over', first);
  if (stopTime > grace) return answer('broken', what, 'later than its grace period', first);
  return answer('holds', what, first);
}

/** Who was told, and whether it listens: `its first process is sh, which has no handler for SIGTERM`. */
async function describeFirst(body: Body, { Config }: ContainerInspect, context: Context): Promise<string> {
  const name = Config.StopSignal || 'SIGTERM';
  const number = constants.signals[name as NodeJS.Signals] ?? (Number(name) || null);
  const init = body.isTarget && (await body.look()).HostConfig.PidMode !== '';
  if (init) return 'its first process is another container’s';
  try {
    const first = await firstProcess(body.id, context);
    const handles = number === null ? '' : first.catches.has(number) ? `, which handles ${name}` : `, which has no handler for ${name}`;
    return `its first process is ${first.name}${handles}`;
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof EngineError && error.lost) throw error;
    // only words are missing: what the check is for does not hang on it
    return `its first process could not be read (${error instanceof Error ? error.message : String(error)})`;
  }
}
