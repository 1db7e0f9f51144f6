import { waitHealthy } from '../../../../container/healthy.ts';
import { FailedError, RefusedError } from '../../../../domain/errors.ts';
import { newSecret, type Secret } from '../../../../domain/secret.ts';
import { heldIn } from '../../deliver/held.ts';
import { backup, type DeliveryData, deliver, forget, type Hands, openHands, proveNew, restore } from '../../deliver/index.ts';
import { putBackFiles } from '../../deliver/restore.ts';
import { tellOf } from '../../deliver/schema.ts';
import { tellAgain } from '../../deliver/tell.ts';
import { pointsOf } from '../../http-points.ts';
import type { Credential, Point, Rotation, SystemScope } from '../../system.ts';
import type { Data } from './data.ts';
import { tryAll } from './doors.ts';
import type { Params } from './params.ts';

/** ms that a server which was told has for what it was told, and one that starts again or looks by itself. */
const toldMs = 5_000;
const slowMs = 30_000;
/** ms that one without a healthcheck must run on end, to count as up. */
const upMs = 500;

/** `old` is null after a crash: then it is only put back or cleared up. */
export function rotationOf(params: Params, data: Data, asked: readonly Point[], old: Secret | null, scope: SystemScope): Rotation {
  // who starts again may get another address
  const moved = new Map<string, Point>();
  const points = asked.map((point): Point => ({ ...point, door: (user) => (moved.get(point.name) ?? point).door(user) }));
  const fresh: Credential = { user: null, secret: newSecret() };
  const twoValues = data.next.length > 0;
  const was = (): Credential => {
    if (old === null) throw new Error('a rotation that was reopened has no value to go on from');
    return { user: null, secret: old };
  };
  const withinMs = ['signal', 'hook'].includes(tellOf(params.take).how) ? toldMs : slowMs;
  let replaced = false;
  /** Points that were told and did not refuse the old one: they do not take the new one either, and nobody waits for them again. */
  let late: readonly Point[] = [];
  /** Helpers are started before the leak, for their start is no part of a rotation. */
  let kept: Hands | null = null;
  const hands = () => (kept ??= openHands(scope));
  const letGo = async () => {
    await kept?.[Symbol.asyncDispose]();
    kept = null;
  };

  return {
    points,
    async prepare() {
      for (const one of [...data.current, ...data.next]) await backup(one, { ...scope, hands: hands() });
      return was();
    },
    issue: () => orLetGo(issue),
    refuse: () => orLetGo(refuse),
    async endSessions() {
      // in plan leak others wait for the new value meanwhile
      if (scope.plan === 'planned') await letGo();
      return { notAllowed: null };
    },
    async verify() {
      if (scope.plan === 'leak') await letGo();
    },
    sessionsLeft: () => Promise.resolve(null),
    async clear() {
      const left: string[] = [];
      try {
        for (const one of [...data.next, ...data.current]) {
          const beside = await forget(one, { ...scope, hands: hands() }).catch(goneWithIt);
          left.push(...beside.map((name) => `${one.container.name}: ${name} was left beside ${one.secret.path}: remove it`));
        }
      } finally {
        await letGo();
      }
      return left;
    },
    async rollback() {
      const left: string[] = [];
      try {
        // the servers are told when all files are back
        for (const one of [...data.next, ...data.current]) {
          left.push(...(await restore(one, { ...scope, hands: hands() })));
          // whether it works is seen below
          await notUp(one);
        }
        return left.length > 0 ? left : await notBack();
      } finally {
        await letGo();
      }
    },
  };

  async function issue(): Promise<Credential> {
    if (twoValues) await write(data.next);
    else await replace();
    const missing = await not('accepted', fresh.secret, { of: points.filter((point) => !late.includes(point)) });
    if (missing.length > 0) await report(missing, 'does not accept the new value');
    if (twoValues) {
      const lost = await not('accepted', was().secret, { ms: 0 });
      if (lost.length > 0)
        throw new FailedError(
          'old_lost',
          `${names(lost)}: the old value is not accepted any more, although the new one lies in another file`,
        );
    }
    return fresh;
  }

  async function refuse(): Promise<void> {
    await replace();
    const still = await not('refused', was().secret);
    late = still.map(({ point }) => point);
    if (still.length > 0) await report(still, 'still accepts the old value');
  }

  /** Whoever fails may not be asked again. */
  async function orLetGo<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await letGo();
      throw error;
    }
  }

  /** The new value alone from here on. */
  async function replace(): Promise<void> {
    if (replaced) return;
    if (twoValues) await write(data.current, { andBack: data.next });
    else await write(data.current);
    replaced = true;
  }

  /** All files first, then each server is told once. */
  async function write(
    deliveries: readonly DeliveryData[],
    { andBack = [] }: { readonly andBack?: readonly DeliveryData[] } = {},
  ): Promise<void> {
    const within = { ...scope, hands: hands() };
    for (const one of deliveries) await deliver(one, fresh, within);
    for (const one of andBack) await putBackFiles(one, within);
    for (const one of data.current) {
      await tellAgain(one, within);
      const why = await notUp(one);
      if (why !== null) throw new FailedError('restart_unhealthy', `${one.container.name} ${why}, after its restart`);
    }
  }

  /** The next replica is not stopped before this one is up again. Null when it is. */
  async function notUp({ container }: DeliveryData): Promise<string | null> {
    if (tellOf(params.take).how !== 'restart') return null;
    const { clock, signal } = scope;
    const health = await waitHealthy(scope.engine, container.id, { clock, signal, settleMs: upMs });
    return health.healthy ? null : health.reason;
  }

  async function not(
    wanted: 'accepted' | 'refused',
    secret: Secret,
    { of = points, ms = withinMs }: { of?: readonly Point[]; ms?: number } = {},
  ) {
    if (tellOf(params.take).how === 'restart') await lookAgain();
    return (await tryAll(of, secret, wanted, params, scope, ms)).filter(({ problem }) => problem !== null);
  }

  async function lookAgain(): Promise<void> {
    try {
      for (const point of await pointsOf(params.points, asked[0]?.modes ?? [], scope)) moved.set(point.name, point);
    } catch (error) {
      // those that do not run are tried where they were, and say so
      if (!(error instanceof RefusedError)) throw error;
    }
  }

  /** In plan `leak` the attackers go on and show it; in plan `planned` nothing more is done, for it would be an outage. */
  async function report(tried: Awaited<ReturnType<typeof not>>, what: string): Promise<void> {
    const sentences = new Map<Point, string>();
    for (const { point, problem } of tried)
      sentences.set(point, `${point.name} ${what} (${problem}) ${withinMs / 1_000} s after it was told: ${await whyNot(point)}`);
    if (scope.plan === 'planned') throw new FailedError('not_taken', [...sentences.values()].join('; '));
    for (const [point, sentence] of sentences) scope.notTaken([point], sentence);
  }

  /** What its own view of the file says of it. */
  async function whyNot({ target }: Point): Promise<string> {
    const one = (replaced || !twoValues ? data.current : data.next).find(({ container }) => container.name === target);
    if (one === undefined) return 'it is none of the targets';
    const { sees, why } = await proveNew(one, { new: fresh, old: was() }, { ...scope, hands: hands() });
    if (sees === 'new') return 'its file has the new value, so it has not read that again';
    if (one.secret.place === 'single-file')
      return `${one.secret.path} is a single-file mount, which keeps the file that was there when the container started: mount a folder, or take it by restart: true`;
    return why ?? `it finds ${sees === 'old' ? 'the old' : 'another'} value in ${one.secret.path}`;
  }

  /** What is in the file again must work again. */
  async function notBack(): Promise<string[]> {
    const [first] = data.current;
    const value = first === undefined ? null : await heldIn(first, { ...scope, hands: hands() }).catch(() => null);
    if (value === null) return [];
    const failing = (await not('accepted', value)).filter(({ problem }) => problem !== 'it does not run');
    return failing.map(
      ({ point, problem }) =>
        `${point.name} does not accept the value that is back in its file (${problem}): let it read that again, and run pitwall recover`,
    );
  }
}

/** What lay in a container that is gone is gone; what lies in one that does not run is left. */
function goneWithIt(error: unknown): readonly string[] {
  if (!(error instanceof FailedError)) throw error;
  return error.code === 'target_gone' ? [] : [`what was kept (${error.message})`];
}

function names(tried: readonly { readonly point: Point }[]): string {
  return tried.map(({ point }) => point.name).join(', ');
}
