import { EngineError, FailedError, type PitwallError, RefusedError } from '../../domain/errors.ts';
import type { RunContext } from '../../domain/kind.ts';
import type { Secret } from '../../domain/secret.ts';
import type { DeliveryData } from './deliver/data.ts';
import { heldIn } from './deliver/held.ts';
import { backup, type Delivery, deliver, forget, lookAtDelivery, openHands, proveNew, restore, tell } from './deliver/index.ts';
import type { Params } from './params.ts';
import { isOf } from './plan.ts';
import { waitFor } from './settled.ts';
import type { Credential, SystemScope } from './system.ts';

/** The consumers, and what each of them is given. With a canary nobody is given anything. */
export interface Deliveries extends AsyncDisposable {
  readonly data: readonly DeliveryData[];
  /** Of the consumers, by address. */
  readonly addresses: ReadonlyMap<string, { readonly service: string; readonly name: string }>;
  /** The value that the first consumer's file has now; null when there is none. */
  held(): Promise<Secret | null>;
  /** Keeps what each has, beside it; before the leak, so that its helpers are up by then. */
  prepare(): Promise<void>;
  /** To each, as many at once as a service can spare. What goes wrong with one is its problem, and the others get theirs. */
  deliver(credential: Credential): Promise<void>;
  /** After waiting for it: a sentence for each container whose own view of its file is not the new one. */
  unseen(waitMs: number): Promise<readonly string[]>;
  /** Backups are taken away; a sentence for each that is left. */
  forget(): Promise<readonly string[]>;
  problems(service: string): readonly string[];
  blame(service: string, problem: string): void;
  /** Monotonic ms by which all of its replicas had it; null when they had not. */
  deliveredAt(service: string): number | null;
}

/** Looks where the files lie, and changes nothing. `RefusedError` where a consumer cannot be given the new one at all. */
export async function openDeliveries(context: RunContext<Params>, scope: SystemScope): Promise<Deliveries> {
  const { params, clock, targets, journal } = context;
  const problems = new Map<string, string[]>();
  const delivered = new Map<string, number>();
  const blame = (service: string, problem: string) => problems.set(service, [...(problems.get(service) ?? []), problem]);
  const addresses = new Map<string, { service: string; name: string }>();
  for (const { service } of params.consumers) {
    for (const container of await scope.service(service)) {
      const name = container.Name.replace(/^\//, '');
      for (const { IPAddress } of Object.values(container.NetworkSettings.Networks))
        if (IPAddress !== '') addresses.set(IPAddress, { service, name });
    }
  }
  const given: { readonly service: string; readonly name: string; readonly delivery: Delivery }[] = [];
  let issued: Credential | null = null;
  const hands = openHands(scope);
  const within = { ...scope, hands };
  try {
    if (params.credential === 'real') await look();
  } catch (error) {
    await hands[Symbol.asyncDispose]();
    throw error;
  }

  return {
    data: given.map(({ delivery }) => delivery.data),
    addresses,
    async held() {
      const [first] = given;
      return first === undefined ? null : heldIn(first.delivery.data, within);
    },
    async prepare() {
      // all backups before the first write: containers may share a folder
      for (const { delivery } of given) await backup(delivery.data, within);
    },
    async deliver(credential) {
      issued = credential;
      if (given.length === 0) return;
      await eachUnit(async (unit) => {
        for (const target of unit.targets) {
          const found = given.find(({ name }) => name === target.name);
          if (found === undefined) continue;
          const { service, delivery } = found;
          try {
            await deliver(delivery.data, credential, within);
            await tell(delivery.data, within, { journal, steadyStateHolds: () => context.steadyStateHolds() });
            delivered.set(service, clock.monotonic());
          } catch (error) {
            context.signal.throwIfAborted();
            if (!isItsOwn(error)) throw error;
            blame(service, error.message);
          }
        }
      });
    },
    async unseen(waitMs) {
      const fresh = issued;
      if (fresh === null || given.length === 0) return [];
      const lists = await Promise.all(
        given.map(async ({ service, name, delivery }) => {
          let why = '';
          const seen = await waitFor(
            async () => {
              const { sees, why: reason } = await proveNew(delivery.data, { new: fresh, old: null }, within);
              why =
                reason ?? (sees === 'new' ? '' : (delivery.never ?? `${name} still finds another value in ${delivery.data.secret.path}`));
              // a mount that can never change is not waited for
              return sees === 'new' || delivery.never !== null;
            },
            { ms: waitMs, clock, signal: scope.signal },
          );
          if (seen && why === '') return [];
          blame(service, why);
          return [why];
        }),
      );
      return lists.flat();
    },
    async forget() {
      return tidy(
        given.map(({ delivery }) => delivery.data),
        scope,
      );
    },
    problems: (service) => problems.get(service) ?? [],
    blame,
    deliveredAt: (service) => delivered.get(service) ?? null,
    [Symbol.asyncDispose]: () => hands[Symbol.asyncDispose](),
  };

  /** What refuses now comes too late to be a refusal: the old one may be refused already. */
  async function eachUnit(work: Parameters<typeof context.forEachUnit>[0]): Promise<void> {
    try {
      await context.forEachUnit(work, { parallel: 1 });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      throw new FailedError('not_all_taken', `the rotation had begun, and the new one was given to nobody: ${error.message}`, {
        cause: error,
        hint: error.hint,
      });
    }
  }

  function isConsumer(name: string): boolean {
    return targets.some((target) => target.name === name && params.consumers.some(({ service }) => isOf(target, service)));
  }

  async function look(): Promise<void> {
    for (const { service, deliver: how } of params.consumers) {
      if (how === null) continue;
      for (const target of targets.filter((one) => isOf(one, service))) {
        const delivery = await lookAtDelivery(await scope.engine.inspect(target.id), how, within);
        if ('cannot' in delivery) throw new RefusedError('no_delivery', `the new one could not be given to a consumer: ${delivery.cannot}`);
        for (const note of [...delivery.notes, ...(delivery.never === null ? [] : [delivery.never])])
          context.event('delivery', target, note);
        for (const { name, path } of delivery.others.filter((other) => !isConsumer(other.name)))
          context.event('delivery', target, `${name} has the same file, as ${path}: it gets the new value, and is not told so`);
        given.push({ service, name: target.name, delivery });
      }
    }
  }
}

/** Of one consumer, and no reason to leave the others without the new one: an engine that is there said no to it. */
function isItsOwn(error: unknown): error is PitwallError {
  return error instanceof FailedError || error instanceof RefusedError || (error instanceof EngineError && !error.lost);
}

/** After a crash, or when not all was well. */
export async function restoreAll(data: readonly DeliveryData[], scope: SystemScope): Promise<string[]> {
  const left: string[] = [];
  for (const one of data) left.push(...(await restore(one, scope)));
  return left;
}

export function forgetAll(data: readonly DeliveryData[], scope: SystemScope): Promise<string[]> {
  return tidy(data, scope);
}

async function tidy(data: readonly DeliveryData[], scope: SystemScope): Promise<string[]> {
  const left: string[] = [];
  for (const one of data) {
    try {
      const still = await forget(one, scope);
      if (still.length > 0) left.push(`${one.container.name}: ${still.join(', ')} was left beside ${one.secret.path}: remove it`);
    } catch (error) {
      if (!(error instanceof FailedError)) throw error;
      left.push(`${one.container.name}: the backup beside ${one.secret.path} could not be removed: ${error.message}`);
    }
  }
  return left;
}
