import { type ByteHelper, type HelperRequest, startByteHelper } from '../../../container/helper-container.ts';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { EngineError, FailedError } from '../../../domain/errors.ts';
import type { SystemScope } from '../system.ts';
import type { Answers, Question, Spot } from './agent-lines.ts';
import type { FileData, Source } from './data.ts';
import { HandError } from './hand-error.ts';
import { type Line, lineTo } from './line.ts';

/** What a delivery works with. */
export interface DeliveryScope extends Pick<SystemScope, 'engine' | 'clock' | 'signal' | 'runId' | 'instance' | 'helperImage'> {
  /** Helpers kept open from one call to the next. (Default: each call has its own, and takes them away.) */
  readonly hands?: Hands | undefined;
}

/** Helpers that reach secret files, one for each place; started when first asked. */
export interface Hands extends AsyncDisposable {
  /** Of a place on the engine's host. */
  onSource(source: Source): Seat;
  /** Of a container's own view, in its network. Throws `FailedError` where its processes cannot be seen. */
  inside(container: ContainerInspect): Seat;
}

export interface Seat {
  readonly base: string;
  ask<Q extends Question>(question: Q): Promise<Answers[Q['do']]>;
}

const mountPoint = '/pitwall-source';
const livesMs = 6 * 3_600_000;
/** To work in folders that belong to others, and to give files their owner and mode. */
const onFiles = ['DAC_OVERRIDE', 'CHOWN', 'FOWNER'];

export function openHands(scope: Omit<DeliveryScope, 'hands'>): Hands {
  const lines = new Map<string, Promise<Line>>();
  const seat = (key: string, base: string, request: Partial<HelperRequest>): Seat => ({
    base,
    async ask(question) {
      for (let again = false; ; again = true) {
        const line = await (lines.get(key) ?? open(key, request));
        const answer = await line.ask(question, scope);
        if (answer !== null) return answer;
        await lines.get(key)?.then((one) => one.close());
        lines.delete(key);
        // a helper among a container's processes ends with them, and the container may be back
        if (again) throw new HandError('the helper ended');
      }
    },
  });
  return {
    onSource(source) {
      const name = source.type === 'bind' ? source.path : source.name;
      const mount = { type: source.type, source: name, target: mountPoint };
      return seat(`${source.type} ${name}`, mountPoint, { mount, capAdd: onFiles, ...unlabelled });
    },
    inside(container) {
      const base = `/proc/${processOf(container)}/root`;
      const profile = (container as { readonly AppArmorProfile?: string }).AppArmorProfile ?? '';
      return seat(`inside ${container.Id} ${container.State.StartedAt}`, base, {
        pidContainer: container.Id,
        networkContainer: container.Id,
        capAdd: [...onFiles, 'SYS_PTRACE'],
        // the engine's own profile lets processes be seen that are under it, and no others
        securityOpt: [...unlabelled.securityOpt, ...(profile === '' || profile === 'docker-default' ? [] : ['apparmor=unconfined'])],
      });
    },
    async [Symbol.asyncDispose]() {
      const open = await Promise.allSettled(lines.values());
      lines.clear();
      const ended = await Promise.allSettled(open.map(async (one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    },
  };

  function open(key: string, request: Partial<HelperRequest>): Promise<Line> {
    const line = start(request, scope).then(lineTo);
    lines.set(key, line);
    line.catch(() => lines.delete(key));
    return line;
  }
}

/** With the scope's hands, or with some of its own. */
export async function withHands<T>(scope: DeliveryScope, work: (hands: Hands) => Promise<T>): Promise<T> {
  if (scope.hands !== undefined) return work(scope.hands);
  const hands = openHands(scope);
  try {
    return await work(hands);
  } finally {
    await hands[Symbol.asyncDispose]();
  }
}

export function spotOf(seat: Seat, { mountedAt, inside }: Pick<FileData, 'mountedAt' | 'inside'>, mark: string): Spot {
  return { base: seat.base, mountedAt, path: inside, mark };
}

/** The number that the container's first process has where its processes are seen. */
export function processOf({ Name, HostConfig: { PidMode }, State }: ContainerInspect): number {
  if (PidMode === '' || PidMode === 'private') return 1;
  if (PidMode === 'host') return State.Pid;
  throw new FailedError(
    'not_seen',
    `${plainName(Name)} shares its processes with another container, so its own view of its files is not known`,
  );
}

/** SELinux gives each container files of its own. */
const unlabelled = { securityOpt: ['label=disable'] };

/** What it says is kept by no engine, and it ends when Pitwall does. */
async function start(request: Partial<HelperRequest>, scope: Omit<DeliveryScope, 'hands'>): Promise<ByteHelper> {
  const { engine, clock, runId, instance } = scope;
  const { reference: image } = await scope.helperImage();
  return startByteHelper(engine, {
    image,
    runId,
    instance,
    role: 'deliver',
    work: { module: 'drills/secret-rotation/deliver/agent.js' },
    expiresMs: livesMs,
    now: clock.now(),
    endsWithPitwall: true,
    ...request,
  });
}

export function isLost(error: unknown): boolean {
  return error instanceof EngineError && error.lost;
}
