import { type Check, openCheck } from '../../checks/check.ts';
import type { CheckScope } from '../../checks/contract.ts';
import { EngineError } from '../../domain/errors.ts';
import type { Consumer } from './params.ts';
import { isOf } from './plan.ts';
import { checkOf, ofItself } from './proof.ts';
import type { Known } from './scope.ts';
import { seatOf } from './successors.ts';

/** One golden request of a consumer. Monotonic ms. */
export interface Request {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly ok: boolean;
  /** False when its replica did not run just then, so that nobody could be asked. */
  readonly asked: boolean;
}

export interface Golden {
  readonly service: string;
  /** The one replica that is asked; null when whoever answers for the service is. */
  readonly replica: string | null;
  requests(): readonly Request[];
}

/**
 * The consumers' own requests, one after the other, all the time: of a proof that a consumer gives of itself each of its replicas is asked, for one that works proves
 * nothing of another. Rejects when the engine or the signal ends it.
 */
export function startGolden(
  consumers: readonly Consumer[],
  everyMs: number,
  scope: CheckScope & { readonly targets: readonly Known[] },
): { readonly all: readonly Golden[]; stop(): Promise<void> } {
  const stop = new AbortController();
  const running = consumers.flatMap(({ service, prove }) => {
    if (prove === null) return [];
    const own = ofItself(prove, service) ? scope.targets.filter((target) => isOf(target, service)) : [];
    const replicas = own.length === 0 ? [null] : own.map(({ name }) => name);
    return replicas.map((replica) => {
      const requests: Request[] = [];
      const only = replica === null ? {} : { only: (name: string) => seatOf(name) === seatOf(replica) };
      const check = openCheck(checkOf(prove, service, everyMs), { ...scope, ...only });
      const done = (async () => {
        try {
          await ask(check, requests);
        } finally {
          await check.close();
        }
      })();
      // its failure is told when it is stopped
      done.catch(() => undefined);
      return { service, replica, requests: () => requests, done };
    });
  });
  return {
    all: running,
    async stop() {
      stop.abort();
      for (const { done } of running) await done;
    },
  };

  async function ask(check: Check, requests: Request[]): Promise<void> {
    const { clock } = scope;
    for (let due = clock.monotonic(); !stop.signal.aborted; due = Math.max(due + everyMs, clock.monotonic())) {
      try {
        await clock.sleep(Math.max(0, due - clock.monotonic()), stop.signal);
        const startedAt = clock.monotonic();
        const { ok, nobody = false } = await check.ask(stop.signal);
        requests.push({ startedAt, endedAt: clock.monotonic(), ok, asked: !nobody });
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof EngineError)) throw error;
        const at = clock.monotonic();
        requests.push({ startedAt: at, endedAt: at, ok: false, asked: true });
      }
    }
  }
}

/** From when on it worked without a failure; null when its last request failed or there was none. */
export function worksSince(requests: readonly Request[], from: number): number | null {
  const after = requests.filter(({ startedAt }) => startedAt >= from);
  const lastFailed = after.findLastIndex(({ ok }) => !ok);
  return after.slice(lastFailed + 1).find(({ ok }) => ok)?.endedAt ?? null;
}

/** Those that failed. While one replica does not run, requests go to another of the same service: its own are missed by nobody while that one answers. */
export function failures(all: readonly Golden[], { from, to }: { readonly from: number; readonly to: number }): Request[] {
  return all.flatMap((golden) => {
    const beside = all.filter((one) => one !== golden && one.service === golden.service);
    const borne = ({ endedAt }: Request) =>
      beside.some((one) => one.requests().findLast(({ startedAt }) => startedAt <= endedAt)?.ok === true);
    return golden.requests().filter((one) => !one.ok && one.startedAt >= from && one.startedAt <= to && (one.asked || !borne(one)));
  });
}

/** Stretches without an answer that was right, as pairs of the first failed request's start and the next good one's end. */
export function outages(requests: readonly Request[]): { readonly from: number; readonly to: number | null }[] {
  const found: { from: number; to: number | null }[] = [];
  for (const { ok, startedAt, endedAt } of requests) {
    const open = found.at(-1);
    if (!ok && (open === undefined || open.to !== null)) found.push({ from: startedAt, to: null });
    else if (ok && open?.to === null) open.to = endedAt;
  }
  return found;
}
