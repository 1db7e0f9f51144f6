/** One poller for all who follow: sees when anything was written, and tells everyone. */
import type { Clock } from '../domain/clock.ts';

/** A response, as far as it matters here. */
export interface Follower {
  write(text: string): boolean;
  end(): void;
  destroy(): void;
  readonly writableNeedDrain: boolean;
  readonly destroyed: boolean;
  once(event: 'close', listener: () => void): unknown;
}

export interface Watched {
  /** Another one whenever anything was written, be it only that a process still lives; cheap. */
  version(): number;
  /** Another one when something happened that people look at; asked only when `version` is another. */
  news(): string;
}

export interface Changes {
  /** @param isStillAllowed asked again with every sign of life; who is not is let go. */
  follow(follower: Follower, isStillAllowed: () => boolean): void;
}

/** Four a second at most, each of which may stand for any number of changes. */
const pollMs = 250;
/** Proxies close a connection that is silent for a minute; some for 30 s. */
const heartbeatMs = 15_000;
/** What was written and is no news is mostly the sign of life of a process, every few seconds: it is told this seldom. */
const otherMs = 30_000;

interface Following {
  missed: boolean;
  spokeAt: number;
  allowedAt: number;
  readonly isStillAllowed: () => boolean;
}

export function createChanges(watched: Watched, clock: Clock, stopping: AbortSignal): Changes {
  const followers = new Map<Follower, Following>();
  let polling = false;

  async function poll(): Promise<void> {
    polling = true;
    let [version, news] = [ask(watched.version), ask(watched.news)];
    let other = false;
    let toldAt = clock.monotonic();
    while (followers.size > 0 && !stopping.aborted) {
      await clock.sleep(pollMs, stopping).catch(() => undefined);
      if (stopping.aborted) break;
      const seen = ask(watched.version);
      const latest = seen === version ? news : ask(watched.news);
      other ||= seen !== version;
      const changed = latest !== news || (other && clock.monotonic() - toldAt >= otherMs);
      [version, news] = [seen, latest];
      if (changed) [other, toldAt] = [false, clock.monotonic()];
      tell(changed);
    }
    polling = false;
    if (stopping.aborted) for (const follower of followers.keys()) follower.end();
  }

  /** A database that cannot be asked at the moment has changed once it can. */
  function ask<T>(what: () => T): T | null {
    try {
      return what();
    } catch {
      return null;
    }
  }

  function tell(changed: boolean): void {
    for (const [follower, state] of followers) {
      state.missed ||= changed;
      if (clock.monotonic() - state.allowedAt >= heartbeatMs) {
        state.allowedAt = clock.monotonic();
        if (!state.isStillAllowed()) {
          followers.delete(follower);
          // an end would wait for it to read what it was sent
          if (follower.writableNeedDrain) follower.destroy();
          else follower.end();
          continue;
        }
      }
      // Who does not read gets nothing more until it does: one message then stands for all that it missed.
      if (follower.writableNeedDrain || follower.destroyed) continue;
      const silent = clock.monotonic() - state.spokeAt >= heartbeatMs;
      if (!state.missed && !silent) continue;
      follower.write(state.missed ? 'event: change\ndata:\n\n' : ': still here\n\n');
      state.missed = false;
      state.spokeAt = clock.monotonic();
    }
  }

  return {
    follow(follower, isStillAllowed) {
      follower.once('close', () => followers.delete(follower));
      if (follower.destroyed) return;
      if (stopping.aborted) {
        follower.end();
        return;
      }
      const now = clock.monotonic();
      followers.set(follower, { missed: false, spokeAt: now, allowedAt: now, isStillAllowed });
      follower.write('retry: 2000\n\n');
      if (!polling) void poll();
    },
  };
}
