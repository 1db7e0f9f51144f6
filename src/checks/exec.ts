import type { CheckSpec } from '../domain/drill.ts';
import type { ContainerSummary } from '../domain/engine/containers.ts';
import { EngineError } from '../domain/errors.ts';
import type { Check, CheckScope } from './contract.ts';
import { judgeAnswer } from './expectation.ts';
import { noReplica, replicas } from './replicas.ts';
import { timed } from './timed.ts';

/** A command that hangs is waited for this long, however often the check is asked. */
const forgetAfterMs = 600_000;

/** Runs the command in every running replica of the service; each must answer as expected. */
export function execCheck(spec: Extract<CheckSpec, { type: 'exec' }>, scope: CheckScope): Check {
  const closed = new AbortController();
  // By container. The engine cannot end a command that it started: one that hangs must not be joined by another at every sample.
  const underWay = new Map<string, Promise<string | null>>();

  return {
    spec,
    oneAtATime: true,
    async ask(signal) {
      const result = await timed(attempt, { clock: scope.clock, timeoutMs: spec.timeoutMs, signal });
      return result.error === noReplica(spec.in.service, scope.project) ? { ...result, nobody: true } : result;
    },
    close: async () => closed.abort(new Error('the check is closed')),
  };

  async function attempt(signal: AbortSignal): Promise<string | null> {
    const asked = await replicas(scope, spec.in.service, signal);
    const answers = await Promise.all(asked.map(async (replica) => ({ replica, error: await askReplica(replica) })));
    if (answers.every(({ error }) => error === null)) return asked.length > 0 ? null : noReplica(spec.in.service, scope.project);
    // A replica that was on its way out when it was asked is no running replica: those that still run decide.
    const running = new Set((await replicas(scope, spec.in.service, signal)).map(({ id }) => id));
    const left = answers.filter(({ replica }) => running.has(replica.id));
    if (left.length === 0) return noReplica(spec.in.service, scope.project);
    const bad = left.find(({ error }) => error !== null);
    return bad === undefined ? null : `${bad.replica.name}: ${bad.error}`;
  }

  async function askReplica({ id }: ContainerSummary): Promise<string | null> {
    if (underWay.has(id)) return 'the command of an earlier sample has not ended';
    const answer = run(id).finally(() => underWay.delete(id));
    underWay.set(id, answer);
    return answer;
  }

  async function run(id: string): Promise<string | null> {
    try {
      const options = { signal: closed.signal, timeoutMs: forgetAfterMs, maxBytes: 65_536 };
      return judgeAnswer(await scope.engine.exec(id, spec.argv, options), spec.expect);
    } catch (error) {
      if (error instanceof EngineError && error.code !== 'engine_unreachable') return `could not be asked (${error.code})`;
      throw error;
    }
  }
}
