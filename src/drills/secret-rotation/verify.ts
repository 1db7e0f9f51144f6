import type { Deliveries } from './deliveries.ts';
import { type Golden, worksSince } from './golden.ts';
import { waitFor } from './settled.ts';
import type { OldSession, Rotation, SystemScope } from './system.ts';
import { type Attackers, lastSaid } from './tracks.ts';

export interface Verified {
  /** A sentence each; none when all is well. */
  readonly problems: readonly string[];
  /** Monotonic ms from which on what a consumer answers is answered with the new one, as far as can be seen. */
  readonly at: number;
}

export interface VerifyOptions {
  readonly plan: SystemScope['plan'];
  readonly attack: Attackers;
  readonly golden: readonly Golden[];
  readonly scope: SystemScope;
  /** ms */
  readonly within: number;
}

/**
 * Whether everybody has the new one: it is let in everywhere, each consumer's own view of its file has it, and, in plan `planned`, no consumer has a session of the
 * old one any more and each has answered since. A sentence for each that has not, by then.
 */
export async function verify(
  rotation: Rotation,
  deliveries: Deliveries,
  { plan, attack, golden, scope, within }: VerifyOptions,
): Promise<Verified> {
  const { clock, signal } = scope;
  await rotation.verify?.();
  const fresh = attack.tracks.filter(({ credential }) => credential === 'new');
  const letIn = () => fresh.every(({ samples }) => lastSaid(samples())?.answer === 'accepted');
  const problems: string[] = [];
  if (!(await waitFor(letIn, { ms: within, clock, signal }))) {
    const not = fresh
      .filter(({ samples }) => lastSaid(samples())?.answer !== 'accepted')
      .map(({ point, where }) => `${point} (from ${where})`);
    problems.push(`the new one is not let in at ${[...new Set(not)].join(', ')}`);
  }
  problems.push(...(await deliveries.unseen(within)));
  if (plan === 'leak' || problems.length > 0 || deliveries.addresses.size === 0) return { problems, at: clock.monotonic() };
  let kept: readonly string[] = [];
  let left: readonly OldSession[] | null = null;
  await waitFor(
    async () => {
      left = await rotation.sessionsLeft();
      kept = consumersOn(left ?? [], deliveries.addresses, attack.tracks);
      return kept.length === 0;
    },
    { ms: within, clock, signal },
  );
  if (left === null)
    scope.event('not-known', 'no server lists its sessions, so nobody knows whether a consumer keeps one that was opened with the old one');
  for (const service of kept)
    deliveries.blame(service, 'it keeps connections that were opened with the old one: a pool that is not renewed');
  problems.push(...kept.map((service) => `${service} keeps connections that were opened with the old one`));
  const at = clock.monotonic();
  if (problems.length > 0 || scope.credential === 'canary') return { problems, at };
  const silent = () => golden.filter(({ requests }) => worksSince(requests(), at) === null);
  await waitFor(() => silent().length === 0, { ms: within, clock, signal });
  for (const service of new Set(silent().map((one) => one.service))) {
    deliveries.blame(service, 'it does not answer its own request since it was given the new one');
    problems.push(`${service} does not answer its own request since it was given the new one`);
  }
  return { problems, at };
}

/** Those of which a server lists more sessions of the old one than our attackers have there from the same container. */
export function consumersOn(left: readonly OldSession[], addresses: Deliveries['addresses'], tracks: Attackers['tracks']): string[] {
  const listed = new Map<string, { readonly service: string; readonly name: string; readonly point: string; sessions: number }>();
  for (const { client, point } of left) {
    const consumer = client === null ? undefined : addresses.get(client);
    if (consumer === undefined) continue;
    const key = `${point} ${consumer.name}`;
    const one = listed.get(key) ?? { ...consumer, point, sessions: 0 };
    listed.set(key, { ...one, sessions: one.sessions + 1 });
  }
  const kept = [...listed.values()].filter(({ point, name, sessions }) => {
    const ours = tracks.filter(
      (track) =>
        track.credential === 'old' &&
        track.mode === 'session' &&
        track.where === name &&
        track.point === point &&
        track.samples().at(-1)?.answer === 'accepted',
    );
    return sessions > ours.length;
  });
  return [...new Set(kept.map(({ service }) => service))];
}

export async function sessionsAfter(rotation: Rotation, { clock, signal }: SystemScope): Promise<readonly OldSession[] | null> {
  let left: readonly OldSession[] | null = null;
  // a server sees a moment later that our own attackers have gone
  await waitFor(
    async () => {
      left = await rotation.sessionsLeft();
      return left === null || left.length === 0;
    },
    { ms: 2_000, clock, signal },
  );
  return left;
}
