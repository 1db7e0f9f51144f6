import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { plainName } from '../../../container/names.ts';
import { isPitwalls } from '../../../container/own.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { EngineError, PitwallError } from '../../../domain/errors.ts';
import { isSkipped } from '../../../domain/target.ts';
import { type Reading, roomOf, type SearchScope, type Unread } from './contract.ts';
import { type InsideOptions, insideOf } from './inside.ts';
import type { InsideFiles } from './read-inside.ts';

export interface Limits {
  /** For all containers together; what is not done by then is unread. (Default: 10 s.) */
  readonly ms: number;
  /** Of files and logs, of all containers together. (Default: 64 MiB.) */
  readonly bytes: number;
}

export interface Survey {
  readonly reading: Reading;
  readonly unread: readonly Unread[];
  /** Files as the container's own processes see them. */
  inside(container: ContainerInspect, paths: readonly string[]): Promise<InsideFiles>;
  /** Does `work` on each container, a few at once, in order of the results; leaves out Pitwall's own, and those labelled `pitwall.skip`, which it says. */
  each<T>(ids: readonly string[], work: (inspect: ContainerInspect) => Promise<T>): Promise<T[]>;
  /** Null when it could not be done: then it is said why, by a code, since texts of others may hold anything. Throws when the engine is lost. */
  attempt<T>(container: string | null, what: string, work: () => Promise<T>): Promise<T | null>;
  say(container: string | null, what: string): void;
}

/** An engine does not answer faster for being asked more at once. */
const atOnce = 4;
const defaults: Limits = { ms: 10_000, bytes: 64 << 20 };

/** One look over containers, bounded in time and bytes, that remembers what it could not see. */
export function surveyOf(scope: SearchScope, limits: Partial<Limits> = {}, options: InsideOptions = {}): Survey {
  const { ms, bytes } = { ...defaults, ...limits };
  const late = AbortSignal.timeout(ms);
  const signal = AbortSignal.any([scope.signal, late]);
  // every call listens, and many are under way at once
  setMaxListeners(0, signal);
  const unread: Unread[] = [];
  const say = (container: string | null, what: string) => {
    unread.push({ container, what });
  };
  const attempt: Survey['attempt'] = async (container, what, work) => {
    try {
      signal.throwIfAborted();
      const done = await work();
      signal.throwIfAborted();
      return done;
    } catch (error) {
      scope.signal.throwIfAborted();
      if (late.aborted) say(container, `${what}: it took too long`);
      else if (error instanceof PitwallError && !(error instanceof EngineError && error.lost))
        say(container, `${what}: ${reasonOf(error)}`);
      else throw error;
      return null;
    }
  };
  return {
    reading: {
      engine: scope.engine,
      signal,
      room: roomOf(bytes),
    },
    inside: (container, paths) => insideOf(scope, container, paths, signal, options),
    unread,
    say,
    attempt,
    async each(ids, work) {
      const limit = pLimit(atOnce);
      const done = await Promise.all(
        ids.map((id) =>
          limit(async () => {
            const inspect = await attempt(id.slice(0, 12), 'all of it', () => scope.engine.inspect(id, { signal }));
            if (inspect === null || isPitwalls(inspect.Config.Labels ?? {})) return [];
            const name = plainName(inspect.Name);
            if (isSkipped(inspect.Config.Labels)) {
              say(name, 'all of it: it is labelled pitwall.skip');
              return [];
            }
            return [await work(inspect)];
          }),
        ),
      );
      return done.flat();
    },
  };
}

function reasonOf(error: PitwallError): string {
  return error.code === 'not_found' ? 'it is gone' : `it could not be read (${error.code})`;
}
