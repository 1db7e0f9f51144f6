import { cannotRunItself } from '../../container/clone/spec.ts';
import { healthStatus } from '../../container/healthy.ts';
import { inspectIfThere } from '../../container/look.ts';
import { FailedError, InconclusiveError } from '../../domain/errors.ts';
import type { Target } from '../../domain/target.ts';
import type { Severity } from '../../domain/words.ts';
import { type Answer, answer, checks } from './answers.ts';
import { anyOrder } from './any-order.ts';
import { type Body, cloneBody, targetBody } from './body.ts';
import { comesBack } from './comes-back.ts';
import type { Context } from './context.ts';
import { honestHealth } from './honest-health.ts';
import type { CheckName } from './params.ts';
import { findPeers, whatRuns } from './peers.ts';
import { isUnknown, openScene, type Scene } from './scene.ts';
import { sigterm } from './sigterm.ts';
import { twoCopies } from './two-copies.ts';
import { isUp, waitReady } from './watching.ts';
import { zombies } from './zombies.ts';

/** As they are done: what kills comes before what only stops, and what takes everything away comes last. */
const order: readonly CheckName[] = ['any-order', 'zombies', 'comes-back', 'two-copies', 'sigterm', 'honest-health'];
const ranks: Readonly<Record<Severity, number>> = { low: 0, medium: 1, high: 2, critical: 3 };

/** What is seen of one target as its checks go on. */
interface Progress {
  healthyAfter: number | null;
  /** An orphan of ours that its first process has not reaped; only its own end takes it away. */
  zombie: boolean;
  answered: boolean;
}

/** Every check of every target; a finding each. */
export async function run(context: Context): Promise<void> {
  // asked for first: whatever a crash leaves is then swept
  await context.helperImage();
  const unanswered: string[] = [];
  let failing = false;
  await context.forEachUnit(
    async ({ targets: [target] }) => {
      if (target === undefined) return;
      const seen = await practise(target, context);
      if (!seen.answered) unanswered.push(target.name);
      failing ||= seen.failing;
    },
    { parallel: context.params.parallel },
  );
  if (unanswered.length === 0 || failing) return;
  throw new InconclusiveError('nothing_tested', `no check of ${unanswered.join(', ')} came to an answer: see the findings`);
}

async function practise(target: Target, context: Context): Promise<{ readonly answered: boolean; readonly failing: boolean }> {
  const { params, signal, engine } = context;
  const progress: Progress = { healthyAfter: null, zombie: false, answered: false };
  let failing = false;
  let opened: Scene | null = null;
  const scene = async (): Promise<Scene> => {
    const reason = cannotRunItself(target.inspect);
    if (reason !== null) throw new NotApplicable(`it ${reason}, so its clone may not run its command`);
    if (opened !== null) return opened;
    opened = await openScene(target, findPeers(target, params.dependencies, await whatRuns(engine, signal)), context);
    return opened;
  };
  const body = async (): Promise<Body> =>
    params.on === 'target' ? targetBody(target, context) : cloneBody(await (await scene()).ready(), context);
  try {
    for (const name of order.filter((one) => params.checks.includes(one))) {
      signal.throwIfAborted();
      const given = await answered(() => check(name, target, { scene, body, progress }, context), context);
      const { id, title, severity: usual } = checks[name];
      const severity = given.severity ?? usual;
      progress.answered ||= given.state === 'holds' || given.state === 'broken';
      failing ||= given.state === 'broken' && ranks[severity] >= ranks[params.failOn];
      context.finding({ probe: id, title, target: target.name, state: given.state, severity, evidence: given.evidence, waivedUntil: null });
      context.event('check', target, `${id} ${name}: ${given.state}: ${given.evidence}`);
    }
    if (params.on === 'target') await mustBeBack(target, context);
    const times = [progress.healthyAfter, (opened as Scene | null)?.healthyAfter ?? null].filter((ms) => ms !== null);
    if (times.length > 0) context.measure('time_to_healthy', target, Math.max(...times));
    if (progress.zombie)
      context.residue(
        `${target.name}: a zombie of the check (busybox sleep) stays until it is restarted, for its first process does not reap`,
      );
    context.outcome(target, params.on === 'target' ? 'practised' : 'practised on a clone');
  } catch (error) {
    if (error instanceof FailedError && error.code === 'target_gone') context.outcome(target, 'gone');
    throw error;
  } finally {
    await (opened as Scene | null)?.[Symbol.asyncDispose]();
  }
  return { answered: progress.answered, failing };
}

/** However its checks went: it runs, and is healthy if it was. */
async function mustBeBack(target: Target, { engine, clock, signal }: Context): Promise<void> {
  const before = healthStatus(target.inspect);
  const ready = await waitReady(target.id, { engine, clock, signal });
  const now = ready.ready ? ready.inspect : await inspectIfThere(engine, target.id);
  if (now === null) throw new FailedError('target_gone', `${target.name} was removed by somebody`);
  if (ready.ready || (before !== null && before !== 'healthy' && isUp(now))) return;
  throw new FailedError('target_not_back', `${target.name} is not as it was: it ${ready.reason}`);
}

/** Its end is no answer of the target's, only of what may be tried on it. */
class NotApplicable extends Error {}

async function answered(work: () => Promise<Answer>, { signal }: Context): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NotApplicable) return answer('not-applicable', error.message);
    // unknown is no answer, and no reason to leave the other checks out
    if (isUnknown(error)) return answer('inconclusive', error.message);
    throw error;
  }
}

interface Hands {
  scene(): Promise<Scene>;
  body(): Promise<Body>;
  readonly progress: Progress;
}

async function check(name: CheckName, target: Target, { scene, body, progress }: Hands, context: Context): Promise<Answer> {
  const healthy = (ms: number | null) => {
    if (ms !== null) progress.healthyAfter = Math.max(progress.healthyAfter ?? 0, ms);
  };
  switch (name) {
    case 'zombies': {
      const seen = await zombies(await body(), context);
      progress.zombie = seen.left && context.params.on === 'target';
      return seen;
    }
    case 'comes-back': {
      const seen = await comesBack(target, await body(), context);
      if (seen.restartTime !== null) {
        progress.zombie = false;
        context.measure('restart_time', target, seen.restartTime);
      }
      healthy(seen.healthyAfter);
      return seen.answer;
    }
    case 'sigterm': {
      const seen = await sigterm(await body(), context);
      if (seen.stopTime !== null) {
        progress.zombie = false;
        context.measure('stop_time', target, seen.stopTime, seen.grace === null ? undefined : { max: seen.grace });
      }
      healthy(seen.healthyAfter);
      return seen.answer;
    }
    case 'any-order':
      return anyOrder(await scene(), context);
    case 'honest-health':
      return honestHealth(target.inspect, await scene(), context);
    case 'two-copies':
      return twoCopies(await scene(), context);
  }
}
